"""The checks of *De-anonymisation*: right answers in several forms, and wrong ones with their hints."""

import numpy as np
import pandas as pd
import pytest

from helpers import reidentification
from helpers.reidentification import data, exercises


def hint(verdict, words):
    assert not verdict.right and words in verdict.message, verdict


CELLS = 365 * 78 * 2


def right_birthday(sizes):
    return sum(n * np.exp(-n / CELLS) for n in sizes) / sum(sizes)


def test_birthday():
    assert exercises.check_birthday(right_birthday).right
    assert exercises.check_birthday(lambda s: np.average(np.exp(-np.array(s) / CELLS), weights=s)).right
    assert exercises.check_birthday(lambda s: np.array([right_birthday(s)])).right

    def thrown(sizes):  # counted, not computed
        random = np.random.default_rng(0)
        alone = [np.bincount(random.integers(CELLS, size=n)) == 1 for n in sizes]
        return sum(map(np.sum, alone)) / sum(sizes)

    verdict = exercises.check_birthday(thrown)
    assert verdict.right and "give 0.7" in verdict.message and "give 0.85" in verdict.message
    exact = lambda s: np.average((1 - 1 / CELLS) ** (np.array(s) - 1), weights=s)  # noqa: E731 without the approximation
    assert exercises.check_birthday(exact).right
    for wrong, words in (
        (lambda s: ..., "Replace the ..."),
        (lambda s: None, "return"),
        (lambda s: np.mean(np.exp(-np.array(s) / CELLS)), "each ZIP code once"),
        (lambda s: np.exp(-np.mean(s) / CELLS), "average size first"),
        (lambda s: 1 - right_birthday(s), "not unique"),
        (lambda s: 100 * right_birthday(s), "per cent"),
        (lambda s: sum(s) * right_birthday(s), "Divide by all people"),
        (lambda s: np.exp(-np.array(s) / CELLS), "One number"),
        (lambda s: 0.849, "it should give"),
        (lambda s: np.nan, "finite"),
        (lambda s: "many", "str"),
        (lambda: 1, "could not use"),
    ):
        hint(exercises.check_birthday(wrong), words)


def test_honest_sample():
    columns = ["state", "age", "sex", "degree", "race", "income"]
    people = data.survey()[:20_000]
    sample = people.sample(frac=0.1, random_state=0)
    alone = reidentification.group_sizes(sample, columns) == 1
    there = reidentification.group_sizes(people, columns)[sample.index] == 1
    everywhere = (reidentification.group_sizes(people, columns) == 1).mean()
    looks, are = alone.mean(), there[alone].mean()
    judge = lambda x, y, names=columns, some=sample: exercises.check_honest_sample(x, y, people, some, names)  # noqa: E731
    assert judge(looks, are).right and judge(float(looks), np.array(are)).right and judge(round(looks, 5), are).right

    def alone_by_groupby(table, **options):
        return (table.groupby(columns, observed=True, **options)["age"].transform("size") == 1).to_numpy()

    kept, dropped = alone_by_groupby(sample, dropna=False), alone_by_groupby(sample)
    assert judge(kept.mean(), alone_by_groupby(people, dropna=False)[sample.index][kept].mean()).right
    for wrong, words in (
        (judge(..., are), "Replace"),
        (judge(are, looks), "exchanged"),
        (judge(100 * looks, 100 * are), "per cent"),
        (judge(looks, there.mean()), "everybody in the sample"),
        (judge(looks, everywhere), "among all people"),
        (judge(looks, 1 - are), "only look unique"),
        (judge(1 - looks, are), "`looks` is off"),
        (judge(looks, 0.5), "`are` is off"),
        (judge(alone.sum(), are), "between 0 and 1"),
        (judge(alone, are), "One number"),
        (judge(None, are), "return"),
        (judge(dropped.mean(), are), "`looks` leaves out people with a missing answer"),
        (judge(looks, alone_by_groupby(people)[sample.index][dropped].mean()), "`are` leaves out people"),
        (judge(round(looks, 2), are), "`looks` seems to be rounded"),
        (judge(looks, round(are, 2)), "`are` seems to be rounded"),
        (judge(looks, are, columns[:5]), "`columns` was changed"),
        (judge(looks, are, columns, people), "`sample` was changed"),
    ):
        hint(wrong, words)


def fitting(person, register):
    keys = ["zip", "sex", "born"]
    return register[(register[keys] == person[keys]).all(axis=1)]["name"]


def test_name_of():
    def by_loop(person, register):
        names = [r.name_ for r in register.rename(columns={"name": "name_"}).itertuples() if (r.zip, r.sex, r.born)
                 == (person["zip"], person["sex"], person["born"])]  # fmt: skip
        return names[0] if len(names) == 1 else None

    def by_query(person, register):
        fits = register.merge(person.to_frame().T, on=["zip", "sex", "born"])
        return fits["name"].iloc[0] if len(fits) == 1 else None

    def by_birthday(person, register):
        names = register[register["born"] == person["born"]]["name"]
        return names.item() if len(names) == 1 else None

    def by_names(person, register):
        return fitting(person, register).iloc[0] if fitting(person, register).nunique() == 1 else None

    def without_sex(person, register):
        names = register[(register[["zip", "born"]] == person[["zip", "born"]]).all(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    def any_column(person, register):
        keys = ["zip", "sex", "born"]
        names = register[(register[keys] == person[keys]).any(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    assert exercises.check_name_of(by_loop).right and exercises.check_name_of(by_query).right
    for wrong, words in (
        (lambda p, r: ..., "Replace"),
        (lambda p, r: None, "None for everybody. Is there a return?"),
        (any_column, "not one of them"),
        (without_sex, "It may find too many"),
        (by_names, "count entries, not names"),
        (lambda p, r: by_loop(p, r) or "None", "text 'None'"),
        (lambda p, r: fitting(p, r), "Give one name as text"),
        (lambda p, r: fitting(p, r).item(), "With 2 fitting entries your function stops"),
        (lambda p, r: next(iter(fitting(p, r)), None), "How would you know"),
        (lambda p, r: fitting(p, r).iloc[0] if len(fitting(p, r)) < 2 else None, "With 0 fitting entries"),
        (lambda p, r: r["name"].iloc[0] if len(fitting(p, r)) < 2 else None, "Compare all three columns"),
        (
            lambda p, r: [*fitting(p, r), "Ada Fernbeck"][0] if len(fitting(p, r)) < 2 else None,
            "Nobody in the register",
        ),
        (by_birthday, "it may find too many"),
        (lambda p, r: "Ada Fernbeck", "How would you know"),
        (7, "A function is needed"),
    ):
        hint(exercises.check_name_of(wrong), words)


def test_share_exposed():
    def by_pandas(classes, answers):
        return (pd.Series(answers).groupby(classes).transform("nunique") == 1).mean()

    def of_classes(classes, answers):
        return (pd.Series(answers).groupby(classes).nunique() == 1).mean()

    assert exercises.check_share_exposed(by_pandas).right
    assert exercises.check_share_exposed(lambda c, a: (reidentification.answer_share(c, a) == 1).mean()).right
    assert exercises.check_share_exposed(lambda c, a: np.array(by_pandas(c, a))).right
    for wrong, words in (
        (lambda c, a: ..., "Replace"),
        (lambda c, a: None, "return"),
        (of_classes, "share of classes"),
        (lambda c, a: 100 * by_pandas(c, a), "per cent"),
        (lambda c, a: 1 - by_pandas(c, a), "not exposed"),
        (lambda c, a: len(c) * by_pandas(c, a), "Divide by all"),
        (lambda c, a: (a == "other").mean(), "it should give"),
        (lambda c, a: reidentification.answer_share(c, a) == 1, "One number"),
        ("?", "A function is needed"),
    ):
        hint(exercises.check_share_exposed(wrong), words)


@pytest.fixture(scope="module")
def halves(films, ratings):
    """Trials on people in a release and not in it; two of eight films are wrong. As in the notebook."""
    targets = [user for user in ratings.users.tolist() if user != 0]
    here = np.random.default_rng(3).permutation(targets)[:335].tolist()
    release = reidentification.index_ratings(films[films["user"].isin(here)])
    sides = here, sorted(set(targets) - set(here))
    return [reidentification.trial(release, some, 8, source=ratings, days_off=None, wrong=2) for some in sides]


def test_decision(halves):
    def rule(least, gap, most=8):
        def decide(fits):
            second, best = np.sort(fits)[-2:]
            return fits.argmax() if least <= best <= most and best - second >= gap else None

        return decide

    def by_loop(fits):
        best = [place for place, n in enumerate(fits) if n == 6]
        return best[0] if len(best) == 1 and not any(n in (5, 7, 8) for n in fits) else None

    def shuffled(fits):  # spoils what it is given
        fits.sort()
        return None

    judge = lambda decide: exercises.check_decision(decide, *halves)  # noqa: E731
    for answer in (rule(6, 2), rule(6, 2, most=6), by_loop, lambda fits: rule(6, 2)(fits) and int(rule(6, 2)(fits))):
        assert judge(answer).right, judge(answer)
    for wrong, words in (
        (lambda fits: ..., "Replace"),
        (lambda fits: None, "You name nobody. Is there a return?"),
        (shuffled, "You name nobody"),
        (lambda fits: fits.argmax(), "somebody for everybody"),
        (rule(6, 1), "At most 10 %"),
        (rule(0, 1), "At most 10 %"),
        (rule(6, 3), "ask for a little less"),
        (rule(7, 1), "never more"),
        (rule(8, 1), "never more"),
        (lambda fits: fits.max() >= 6, "Give the place"),
        (lambda fits: fits >= 6, "One number"),
        (lambda fits: fits.argmax() + 0.5, "between 0 and"),
        (lambda fits: 5000, "between 0 and 334"),
        (lambda fits: -1, "between 0 and 334"),
        (lambda fits: "Iona", "str"),
        (6, "A function is needed"),
    ):
        hint(judge(wrong), words)


def test_two_questions(town):
    console = reidentification.Console(town.drop(columns="name"), leave_out=False)
    judge = lambda a, b: exercises.check_two_questions(a, b, console)  # noqa: E731
    about = {"in_debt": True, "zip": "00102", "sex": "woman"}
    upto = [about | {"born": ("1900-01-01", day)} for day in ("1981-04-09", "1981-04-08")]
    since = [about | {"born": (day, "2020-01-01")} for day in ("1981-04-10", "1981-04-09")]
    free = [question | {"in_debt": False} for question in upto]
    by_town = [{"in_debt": True, "sex": "woman", "born": question["born"]} for question in upto]  # the other was a man
    for first, second in (upto, upto[::-1], since, free, by_town):
        assert judge(first, second).right
    assert "*not* in debt" in judge(*free).message and "*not* in debt" not in judge(*upto).message
    no_debt = [{name: value for name, value in question.items() if name != "in_debt"} for question in upto]
    for first, second, words in (
        (..., upto[1], "Replace"),
        ({"in_debt": True, ...: ...}, upto[1], "Replace"),
        (about | {"born": "1981-04-09"}, upto[1], "refuses `first`"),
        (upto[0], about | {"born": ("1981-04-08", "1981-04-09")}, "refuses `second`"),
        (*no_debt, "ask about debt"),
        (upto[0], free[1], "Ask both the same"),
        (upto[0], upto[0], "in both groups"),
        (upto[0], about | {"born": ("1900-01-01", "1981-04-01")}, "differ by"),
        ({"in_debt": True, "born": upto[0]["born"]}, {"in_debt": True, "born": upto[1]["born"]}, "differ by 2 people"),
        (upto[0] | {"salary": 3}, upto[1], "no column 'salary'"),
        (about | {"born": "9 April 1981"}, upto[1], "year, month, day"),
        (about | {"born": 1981}, upto[1], "year, month, day"),
        (about | {"born": ["1900-01-01", "1981-04-09"]}, upto[1], "round brackets"),
        (about | {"born": ("1981-04-09",)}, upto[1], "two days"),
        (about | {"born": ("1981-04-09", "1900-01-01")}, upto[1], "ends before it begins"),
        ("in_debt", upto[1], "must be a dictionary"),
        (3899, 3898, "must be a dictionary"),
    ):
        hint(judge(first, second), words)


def test_mended_peak():
    def ridge(queries, answers, penalty=80.0, guess=0.2):
        gram = queries.T @ queries + penalty * np.eye(queries.shape[1])
        return guess + np.linalg.solve(gram, queries.T @ (answers - guess * queries.sum(axis=1))) > 0.5

    check = exercises.check_mended_peak
    assert check(ridge).right and check(lambda q, a: ridge(q, a).astype(int).tolist()).right
    assert check(lambda q, a: ridge(q, a, 40)).right and check(lambda q, a: ridge(q, a, 50, guess=0)).right
    for wrong, words in (
        (lambda q, a: ..., "Replace"),
        (lambda q, a: None, "return"),
        (lambda q, a: np.linalg.lstsq(q, a, rcond=None)[0] > 0.5, "without a penalty"),
        (lambda q, a: reidentification.reconstruct(q, a, 0.2), "without a penalty"),
        (lambda q, a: ridge(q, a, 1), "large enough"),
        (lambda q, a: np.zeros(200, bool), "the guess itself"),
        (lambda q, a: ridge(q, a, 1e6), "the guess itself"),
        (lambda q, a: ridge(q, a, 300), "2 points at least"),
        (lambda q, a: np.linalg.solve(q.T @ q + 80 * np.eye(200), q.T @ a), "True or False"),
        (lambda q, a: ridge(q, a)[:100], "shape"),
        (lambda q, a: True, "shape"),
        (None, "A function is needed"),
    ):
        hint(check(wrong), words)


@pytest.mark.parametrize("absurd", [None, "?", 7, [], {}, lambda: 1, np.nan])
def test_absurd_answers_never_raise(absurd, town):
    trial = reidentification.Trial(np.ones(5), np.zeros(5, bool), np.ones((5, 3)), np.zeros(5, int), np.ones(5, int))
    table = pd.DataFrame({"a": [1, 2]})
    for verdict in (
        exercises.check_birthday(absurd),
        exercises.check_honest_sample(absurd, absurd, table, table, ["a"]),
        exercises.check_name_of(absurd),
        exercises.check_share_exposed(absurd),
        exercises.check_decision(absurd, trial, trial),
        exercises.check_two_questions(absurd, absurd, reidentification.Console(town)),
        exercises.check_mended_peak(absurd),
    ):
        assert not verdict.right and verdict.message
