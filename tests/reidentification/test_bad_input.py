"""Every public function of lesson 2 with every kind of bad input: a sentence, or the right result."""

import numpy as np
import pandas as pd
import pytest
from misuse import faults, public

from helpers import reidentification
from helpers.reidentification import anonymity, counts, data, figures, ratings

TABLE = pd.DataFrame({"name": ["Ada", "Bel", "Cy"], "zip": ["00101", "00102", "00102"], "age": [30, 9, None]})
RATED = pd.DataFrame({"user": [1, 1, 2], "film": [5, 6, 5], "stars": [4, 3, 5], "day": [16_000, 16_001, 16_000]})
SEEN = pd.DataFrame({"phone": [0, 0, 1], "hour": [1, 2, 1], "x": [0, 3, 0], "y": [0, 3, 1]})
INDEX, CODES = reidentification.index_ratings(RATED), np.array([[0, 1], [1, 0], [2, 5]])
COUNTS = {"queries": np.eye(3), "answers": [1, 0, 1]}
KNOWN = {"ratings": INDEX, "films": [5, 6], "stars": [4, 3], "days": [16_000, 16_001]}
CONSOLE = reidentification.Console(TABLE, minimum=0)
INSIDE = {anonymity.kind_of, anonymity.one_kind, anonymity.sort_key, anonymity.ranked}  # not handed on by the package
LISTS = ("an empty list", "a list of None", "an array of texts")  # a value for each person, so only their number counts

GOOD = [
    # function, good arguments, what each rightly takes
    (anonymity.group_sizes, {"table": TABLE, "columns": ["zip"]}, {"columns": ["an empty list"]}),
    (anonymity.link, {"release": TABLE, "register": TABLE, "keys": ["zip"]}, {}),
    (anonymity.ordinal_codes, {"table": TABLE, "columns": ["age"]}, {}),
    (anonymity.mondrian, {"codes": CODES, "k": 1}, {}),
    (anonymity.answer_share, {"classes": [0, 0], "answers": ["a", None]}, {"classes": LISTS[2:], "answers": LISTS[2:]}),
    (anonymity.loss_of_detail, {"codes": CODES[:2], "classes": [0, 1]}, {"classes": LISTS[2:]}),
    (anonymity.singled_out, {"seen": SEEN, "points": 2, "km": 1, "hours": 1.5}, {
        "km": ["a fraction"], "hours": ["a fraction"]}),
    (counts.Console, {"table": TABLE, "minimum": 10, "leave_out": True, "rounded_to": 5}, {
        "table": ["texts in a table"], "minimum": ["a fraction"], "leave_out": "anything"}),
    (CONSOLE.count, {"where": {"zip": "00101"}, "but_not": {"age": 9}}, {"but_not": ["None"]}),
    (CONSOLE.fits, {"conditions": {"zip": "00101"}}, {}),
    (counts.reconstruct, COUNTS | {"guess": 0.2}, {}),
    (counts.penalised_least_squares, COUNTS | {"guess": 0.2, "penalty": 1}, {
        "guess": ["a negative number", "a fraction"], "penalty": ["a fraction"]}),
    (ratings.index_ratings, {"table": RATED}, {}),
    (ratings.scoreboard, KNOWN, {"days": ["None"]}),
    (ratings.fitting, KNOWN | {"stars_off": 1, "days_off": 14}, {
        "days": ["None"], "stars_off": ["a fraction"], "days_off": ["a fraction"]}),
    (ratings.eccentricity, {"scores": [1, 2, 3]}, {}),
    (ratings.recall, {"ratings": INDEX, "user": 0, "n": 2, "random": np.random.default_rng(0), "stars_off": 1,
                      "days_off": 14, "wrong": 1}, {"stars_off": ["a fraction"], "days_off": ["None"]}),
    (ratings.trial, {"release": INDEX, "targets": [1], "n": 2, "source": INDEX, "believed": 1, "stars_off": 1,
                     "days_off": 14, "wrong": 1}, {
        "source": ["None"], "believed": ["None", "a fraction"], "stars_off": ["a fraction"], "days_off": ["None"]}),
    (reidentification.trial(INDEX, [1, 2], 1).named, {"threshold": 1.5}, {
        "threshold": ["a fraction", "a negative number"]}),
    (reidentification.trial(INDEX, [1, 2], 1).named_by_fit, {"least": 1}, {"least": ["None", "a fraction"]}),
    (data.survey, {"iona": True}, {"iona": "anything"}),
    (data.film_ratings, {"iona": True}, {"iona": "anything"}),
    (data.town, {"n": 3, "seed": 0}, {}),
    (data.phones, {"n": 2, "days": 1}, {}),
    (figures.suspects, {"names": ["Iona", "b"], "scores": [2, 1], "known": ["a film"]}, {
        "names": LISTS[2:], "known": ["an empty list", "an array of texts"]}),
    (figures.reconstruction, {"right": [True, False], "title": "50 % right"}, {"title": ["a text"]}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "good", "takes"), GOOD, ids=lambda value: getattr(value, "__name__", ""))
def test_bad_input_is_refused_with_a_sentence(function, good, takes):
    assert not (found := list(faults(function, good, takes))), "\n".join(found)


def test_every_public_function_is_in_the_table():
    listed = {function for function, _, _ in GOOD if not hasattr(function, "__self__")}
    assert public(anonymity, counts, data, figures, ratings) - INSIDE == listed - {counts.Console}


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: reidentification.group_sizes(TABLE["zip"], ["zip"]), "table must be a DataFrame, but a Series"),
        (lambda: reidentification.group_sizes(pd.concat([TABLE, TABLE], axis=1), ["zip"]), "several columns called"),
        (lambda: reidentification.group_sizes(TABLE.assign(zip=[[1], [2], [3]]), ["zip"]), "have no order"),
        (lambda: reidentification.ordinal_codes(TABLE.assign(zip=[1j, 2j, 3]), ["zip"]), "have no order"),
        (lambda: reidentification.ordinal_codes(TABLE.assign(zip=[1, "2", 3]), ["zip"]), "zip holds .* and "),
        (lambda: reidentification.Console(pd.concat([TABLE, TABLE], axis=1)), "several columns called 'name'"),
        (lambda: reidentification.Console(TABLE[["zip"]].set_axis([0], axis=1)).count({"zip": "1"}), "There are: 0."),
        (lambda: CONSOLE.count({"zip": 101}), "zip holds texts such as '00101': ask for one of them"),
        (lambda: CONSOLE.count({"age": None}), "None is of another kind"),
        (lambda: CONSOLE.count({"age": (9, np.nan)}), r"age holds numbers such as 9.0.* \(9, nan\) is of another kind"),
        (lambda: CONSOLE.count({"age": (30, 9)}), "is no range"),
        (lambda: CONSOLE.count({"age": (9, 10, 30)}), "of another kind"),
        (lambda: reidentification.mondrian([[0.0], [np.nan], [1]], 1), "codes are missing"),
        (lambda: reidentification.answer_share([0, None], "ab"), "answers must be a list"),
        (lambda: reidentification.answer_share([0, None], ["a", "b"]), "1 of them missing"),
        (lambda: reidentification.singled_out(SEEN.assign(hour=pd.Timestamp("2016-01-02")), 1), "hour must be a col"),
        (lambda: reidentification.singled_out(SEEN.assign(phone=[0, None, 1]), 1), "phones are missing"),
        (lambda: reidentification.scoreboard(INDEX, ["5"], [4]), "films holds .* and "),
        (lambda: reidentification.scoreboard(INDEX, [None], [4]), "or is missing"),
        (lambda: reidentification.trial(INDEX, ["1"], 2), "no user '1'"),
    ],
)  # fmt: skip
def test_the_sentence_names_what_is_amiss(work, words):
    with pytest.raises((TypeError, ValueError), match=words):
        work()


ROLL = pd.DataFrame({"name": ["Ada", "Bel"], "zip": [101, 102], "born": ["1962-04-09", "1990-01-01"]})
VISIT = pd.DataFrame({"zip": ["00101"], "born": [pd.Timestamp("1962-04-09")]})


def test_a_link_of_texts_to_numbers_says_which_column_and_how_to_mend_it():
    for numbers in (ROLL, ROLL.astype({"zip": float})):
        with pytest.raises(ValueError, match="zip holds .*numbers such as 10.* in register") as refused:
            reidentification.link(VISIT, numbers, ["zip"])
        recipe = str(refused.value).split("digits: zip")[1].rstrip(".")
        mended = numbers.assign(zip=eval(f"numbers['zip']{recipe}"))
        assert reidentification.link(VISIT, mended, ["zip"]).tolist() == ["Ada"]
    with pytest.raises(ValueError, match=r"born holds .*such as dates: pd.to_datetime\(born\)"):
        reidentification.link(VISIT, ROLL, ["born"])
    assert reidentification.link(VISIT, ROLL.assign(born=pd.to_datetime(ROLL["born"])), ["born"]).tolist() == ["Ada"]


@pytest.mark.parametrize(
    "days",
    [[1_420_502_400], [1.4e18], [20150106], ["6 January 2015"], ["2015"], ["2015-01-06", 5], [pd.NaT], ["seven"]],
)
def test_what_cannot_be_a_day_is_refused(days):
    films = list(range(len(days)))
    with pytest.raises(
        (TypeError, ValueError), match="days must be dates, or days since 1 January 1970|days are missing"
    ):
        reidentification.scoreboard(INDEX, films, [4] * len(days), days)
    with pytest.raises((TypeError, ValueError), match="day must be dates, or days since|Some ratings lack"):
        reidentification.index_ratings(pd.DataFrame({"user": 1, "film": films, "stars": 4, "day": days}))
