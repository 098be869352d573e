"""The same column in every form that people have gives the result of the plain list."""

import datetime
import importlib.util
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from helpers import reidentification
from helpers.reidentification import data

try:
    from torch import tensor
except ImportError:  # a lesson that was lifted out has no torch
    from numpy import array as tensor

PLAIN_TEXTS = ["00102", "00101", None, "00102", "Zoë", "00101"]
TEXTS = {
    "object": pd.Series(PLAIN_TEXTS, dtype=object),
    "nan": pd.Series([np.nan if text is None else text for text in PLAIN_TEXTS], dtype=object),
    "str": pd.Series(PLAIN_TEXTS, dtype="str"),
    "string": pd.Series(PLAIN_TEXTS, dtype="string"),
    "category": pd.Series(PLAIN_TEXTS, dtype="category"),
    "category, odd order": pd.Series(PLAIN_TEXTS, dtype=pd.CategoricalDtype(["unused", "Zoë", "00102", "00101"])),
    "named": pd.Series(PLAIN_TEXTS, name="other"),
}
if importlib.util.find_spec("pyarrow"):
    TEXTS["arrow"] = pd.Series(PLAIN_TEXTS, dtype="string[pyarrow]")
PLAIN_NUMBERS = [30, 9, None, 30, 100, 9]
NUMBERS = {
    "object": pd.Series(PLAIN_NUMBERS, dtype=object),
    "float": pd.Series(PLAIN_NUMBERS, dtype=float),
    "Int64": pd.Series(PLAIN_NUMBERS, dtype="Int64"),
    "Float32": pd.Series(PLAIN_NUMBERS, dtype="Float32"),
    "category": pd.Series(PLAIN_NUMBERS, dtype=pd.CategoricalDtype([100, 9, 30])),
    "mixed": pd.Series([30, 9.0, pd.NA, np.int8(30), 100, np.float32(9)], dtype=object),
}
ANSWERS = {"plain": PLAIN_TEXTS, "tuple": tuple(PLAIN_TEXTS), "array": np.array(PLAIN_TEXTS, object)} | TEXTS
INDEXES = {
    "reversed": lambda table: table[::-1],
    "filtered": lambda table: table.set_axis(range(0, 60, 10)),
    "duplicated": lambda table: table.set_axis([1] * 6),
    "named": lambda table: table.rename_axis("who").set_axis(list("uvwxyz")),
}
CLASSES = [0, 0, 1, 1, 1, 0]


@pytest.mark.parametrize("form", TEXTS)
def test_texts(form):
    table = pd.DataFrame({"zip": TEXTS[form].to_numpy(object) if form == "nan" else TEXTS[form]})
    assert reidentification.group_sizes(table, ["zip"]).tolist() == [2, 2, 1, 2, 1, 2]
    assert reidentification.ordinal_codes(table, ["zip"])[:, 0].tolist() == [1, 0, 3, 1, 2, 0]
    console = reidentification.Console(table, minimum=0)
    found = [console.count({"zip": wanted}) for wanted in ("00102", "Zoë", "unused", ("00101", "00102"), ("A", "Zz"))]
    assert found == [2, 1, 0, 4, 1]
    register = table.assign(name=list("abcdef"))
    named = reidentification.link(pd.DataFrame({"zip": ["Zoë", "00101", None]}), register, ["zip"])
    assert named.to_dict() == {0: "e"}
    release = pd.DataFrame({"zip": ["Zoë"], "name": ["Ada"]})
    assert reidentification.link(table, release, ["zip"]).to_dict() == {4: "Ada"}


@pytest.mark.parametrize("form", NUMBERS)
def test_numbers(form):
    table = pd.DataFrame({"age": NUMBERS[form]})
    assert reidentification.group_sizes(table, ["age"]).tolist() == [2, 2, 1, 2, 1, 2]
    assert reidentification.ordinal_codes(table, ["age"])[:, 0].tolist() == [1, 0, 3, 1, 2, 0]
    console = reidentification.Console(table, minimum=0)
    assert [console.count({"age": wanted}) for wanted in (30, 9.0, np.int64(7), (9, 99), (0, 500.5))] == [2, 2, 0, 4, 5]
    register = table.assign(name=list("abcdef"))
    assert reidentification.link(pd.DataFrame({"age": [100.0, 9]}), register, ["age"]).to_dict() == {0: "e"}


def test_numbers_that_came_as_texts_keep_the_order_of_numbers():
    ages = pd.DataFrame({"age": ["30", "9", "100", "-2", "9.5", "unknown", "nan", None]})
    assert reidentification.ordinal_codes(ages, ["age"])[:, 0].tolist() == [3, 1, 4, 0, 2, 6, 5, 7]
    assert reidentification.Console(ages, minimum=0).count({"age": ("9", "30")}) == 3


def test_an_ordered_category_keeps_its_own_order_and_any_other_is_sorted():
    sizes = pd.Series(["large", "small", "medium", "small"])
    ordered = pd.DataFrame({"size": sizes.astype(pd.CategoricalDtype(["tiny", "small", "medium", "large"], True))})
    assert reidentification.ordinal_codes(ordered, ["size"])[:, 0].tolist() == [2, 0, 1, 0]  # nobody is tiny
    console = reidentification.Console(ordered, minimum=0)
    found = [console.count({"size": wanted}) for wanted in (("tiny", "medium"), ("medium", "large"), "tiny", "huge")]
    assert found == [3, 2, 0, 0]
    for wanted in (("large", "small"), ("small", "huge")):
        with pytest.raises(ValueError, match="is no range, in the order of 'tiny', 'small', 'medium' and so on"):
            console.count({"size": wanted})
    free = pd.DataFrame({"size": sizes.astype(pd.CategoricalDtype(["small", "medium", "large"]))})
    assert reidentification.ordinal_codes(free, ["size"])[:, 0].tolist() == [0, 2, 1, 2]
    assert reidentification.Console(free, minimum=0).count({"size": ("large", "medium")}) == 2


def test_the_console_counts_the_packs_own_survey():
    people = data.survey()
    console = reidentification.Console(people, minimum=0)
    for column in ("state", "vote", "race", "age"):
        counted = people[column].value_counts()
        assert [console.count({column: value}) for value in counted.index] == counted.tolist()
    assert console.count({"vote": "Republican"}) == 18_755
    assert console.count({"state": ("Maine", "Connecticut")}) == people["state"].isin(data.STATES[:6]).sum()


@pytest.mark.parametrize("born", ["datetime64[s]", "datetime64[ms]", "datetime64[ns]", object])
def test_dates_in_any_unit(born):
    days = pd.to_datetime(pd.Series(["1962-04-09", None, "1990-01-01", "1962-04-09"])).astype(born)
    table = pd.DataFrame({"born": days})
    assert reidentification.group_sizes(table, ["born"]).tolist() == [2, 1, 1, 2]
    console = reidentification.Console(table, minimum=0)
    april = datetime.datetime(1962, 4, 9)
    assert [console.count({"born": wanted}) for wanted in (april, (april, pd.Timestamp("1990")))] == [2, 3]
    register = pd.DataFrame({"born": pd.to_datetime(["1990-01-01"]).astype("datetime64[s]"), "name": ["Ada"]})
    assert reidentification.link(table, register, ["born"]).to_dict() == {2: "Ada"}
    with pytest.raises(ValueError, match="born holds times .* is of another kind"):
        console.count({"born": "1962-04-09"})


def test_true_and_false_are_one_and_zero():
    for kind in (bool, "boolean", int, float, object, "category"):
        table = pd.DataFrame({"in_debt": pd.Series([True, False, True]).astype(kind)})
        console = reidentification.Console(table, minimum=0)
        assert [console.count({"in_debt": yes}) for yes in (True, 1, np.True_, np.float32(1))] == [2] * 4
        assert reidentification.ordinal_codes(table, ["in_debt"])[:, 0].tolist() == [1, 0, 1]


@pytest.mark.parametrize("index", INDEXES)
def test_any_index(index):
    table = INDEXES[index](pd.DataFrame({"zip": PLAIN_TEXTS, "class": CLASSES}))
    texts, classes = table["zip"].tolist(), table["class"].tolist()
    plain = pd.DataFrame({"zip": texts})
    same = reidentification.group_sizes(table, ["zip"])
    assert same.tolist() == reidentification.group_sizes(plain, ["zip"]).tolist()
    assert reidentification.answer_share(table["class"], table["zip"]).tolist() == (
        reidentification.answer_share(classes, [text for text in texts]).tolist()
    )
    codes = reidentification.ordinal_codes(table, ["zip"])
    assert reidentification.loss_of_detail(pd.DataFrame(codes, table.index), table["class"]) == pytest.approx(
        reidentification.loss_of_detail(codes, classes)
    )
    named = reidentification.link(table, pd.DataFrame({"zip": ["Zoë"], "name": ["Ada"]}), ["zip"])
    assert named.tolist() == ["Ada"] and named.index.tolist() == table.index[table["zip"] == "Zoë"].tolist()
    if index != "duplicated":
        assert reidentification.Console(table, minimum=0).fits({"zip": "00101"}).tolist() == [
            t == "00101" for t in texts
        ]


@pytest.mark.parametrize("form", ANSWERS)
def test_answers_of_classes(form):
    expected = [1 / 3, 2 / 3, 1 / 3, 1 / 3, 1 / 3, 2 / 3]
    assert reidentification.answer_share(CLASSES, ANSWERS[form])[[0, 1]].tolist() == pytest.approx([2 / 3, 2 / 3])
    for classes in (
        CLASSES,
        np.array(CLASSES),
        pd.Series(list("aabbba"), dtype="category"),
        [0, 0.0, 1, True, 1, False],
    ):
        share = reidentification.answer_share(classes, ANSWERS[form])
        assert share[2:5].tolist() == pytest.approx(expected[2:5])
    assert reidentification.answer_share([0, 0], [None, np.nan]).tolist() == [1, 1]  # no answer is one answer
    assert reidentification.answer_share([0], ["x"]).tolist() == [1]


def test_one_long_answer_takes_no_room_for_the_others():
    answers = ["x" * 20_000] + ["y"] * 20_000
    tracemalloc.start()
    reidentification.answer_share([0] * 20_001, answers)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6


RATED = pd.DataFrame(
    {"user": [1, 1, 2, 3], "film": [5, 6, 5, 6], "stars": [4, 3.5, 5, 1], "day": [16_000, 16_001, 16_040, 0]}
)
DATES = pd.to_datetime(RATED["day"], unit="D")
DAYS = {
    "whole": RATED["day"],
    "Int64": RATED["day"].astype("Int64"),
    "float": RATED["day"].astype(float),
    "list": RATED["day"].tolist(),
    "object": RATED["day"].astype(object),
    "seconds": DATES.astype("datetime64[s]"),
    "nanoseconds": DATES.astype("datetime64[ns]"),
    "afternoon": DATES + pd.Timedelta("15h"),
    "zone": DATES.dt.tz_localize("Europe/Oslo"),
    "datetime": [date.to_pydatetime() for date in DATES],
    "date": DATES.dt.date,
    "texts": DATES.dt.strftime("%Y-%m-%d"),
    "texts with times": DATES.dt.strftime("%Y-%m-%dT%H:%M:%S"),
    "category": DATES.dt.strftime("%Y-%m-%d").astype("category"),
}


@pytest.mark.parametrize("form", DAYS)
def test_days_in_any_form(form):
    days = pd.Series(DAYS[form]) if not isinstance(DAYS[form], pd.Series) else DAYS[form]
    expected = reidentification.scoreboard(reidentification.index_ratings(RATED), [5, 6], [4, 3.5], [16_000, 16_001])
    index = reidentification.index_ratings(RATED.assign(day=days.to_numpy() if days.dtype == object else days))
    assert np.array_equal(reidentification.scoreboard(index, [5, 6], [4, 3.5], [16_000, 16_001]), expected)
    for known in (days[:2], days[1::-1][::-1], days[:2].tolist(), tuple(days[:2])):
        assert np.array_equal(reidentification.scoreboard(index, [5, 6], [4, 3.5], known), expected)


@pytest.mark.parametrize("kind", [object, "Int64", float, "category"])
def test_users_and_films_in_any_form(kind):
    plain = reidentification.index_ratings(RATED)
    index = reidentification.index_ratings(RATED.astype({"user": kind, "film": kind, "stars": "Float64"})[::-1])
    assert index.users.tolist() == plain.users.tolist() == [1, 2, 3]
    for films in ([5, 6], (5.0, 6), np.array([5, 6]), pd.Series([5, 6], [9, 9], dtype="category")):
        for stars in ([4, 3], np.array([4, 3.0], np.float32), pd.Series([4, 3], [1, 0], dtype="Int64")):
            expected = reidentification.scoreboard(plain, [5, 6], [4, 3])
            assert np.allclose(reidentification.scoreboard(index, films, stars), expected)
            assert reidentification.fitting(index, films, stars).tolist() == [2, 1, 0]
    for targets in ([1, 3], np.array([1, 3]), pd.Series([1, 3], [7, 7], dtype=kind), iter([1, 3])):
        assert reidentification.trial(index, targets, 2, stars_off=0, days_off=0).place.tolist() == [0, 2]


def test_scores_and_queries_in_any_form():
    for scores in ([1, 2, 4], np.array([1, 2, 4]), pd.Series([4, 2, 1], [0, 0, 9]), tensor([1.0, 2, 4])):
        assert reidentification.eccentricity(scores) == pytest.approx(2 / np.std([1, 2, 4]))
    queries = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 1]])
    for some in (queries, queries.astype(bool), queries.tolist(), pd.DataFrame(queries), tensor(queries)):
        for answers in ([1, 1, 1], pd.Series([1, 1, 1], [3, 2, 1]), tensor([1, 1, 1])):
            assert reidentification.reconstruct(some, answers).tolist() == [True, False, True]
            assert reidentification.penalised_least_squares(some, answers, 0, 1e-9) == pytest.approx(
                [1, 0, 1], abs=1e-6
            )


def test_codes_in_any_form_and_on_any_scale():
    codes = np.array([[0, 5], [1, 5], [2, 6], [3, 7]])
    expected = reidentification.mondrian(codes, 2).tolist()
    for same in (codes.tolist(), pd.DataFrame(codes, [3, 3, 1, 0]), codes / 1000, codes * 1e6, codes.astype(np.int8)):
        assert reidentification.mondrian(same, 2).tolist() == expected
        assert reidentification.loss_of_detail(same, expected) == reidentification.loss_of_detail(codes, expected)


def test_one_row():
    one = pd.DataFrame({"name": ["Ada"], "zip": ["00101"]})
    assert reidentification.group_sizes(one, ["zip"]).tolist() == [1]
    assert reidentification.link(one, one, ["zip"]).tolist() == ["Ada"]
    assert reidentification.mondrian(reidentification.ordinal_codes(one, ["zip"]), 1).tolist() == [0]
    assert reidentification.Console(one, minimum=0).count({"zip": "00101"}) == 1
    seen = pd.DataFrame({"phone": ["a"], "hour": [1], "x": [0.5], "y": [0]})
    assert reidentification.singled_out(seen, 4) == 1


def test_phones_and_places_in_any_form():
    seen = data.phones(40, days=3)
    expected = reidentification.singled_out(seen, 2)
    names = seen["phone"].map("phone {}".format)
    for form in (
        seen.astype("Int32"),
        seen.astype(float),
        seen.assign(phone=names),
        seen.assign(phone=names.astype("category")),
    ):
        assert reidentification.singled_out(form.set_axis([7] * len(form)), 2) == expected
