"""The checks of *De-anonymisation*: right answers in many forms, and wrong ones with the hint that each must get."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import KFold, cross_val_predict

from helpers import reidentification
from helpers.reidentification import data, exercises

try:
    from torch import tensor
except ImportError:  # a lesson that was lifted out has no torch
    from numpy import array as tensor


def hint(verdict, words):
    assert not verdict.right and words in verdict.message, verdict


def judged(judge, right, wrong):
    """Each of the ``right`` answers is right, and each of the ``wrong`` ones gets its hint."""
    for i, answer in enumerate(right):
        assert judge(answer).right, (i, judge(answer))
    for answer, words in wrong:
        hint(judge(answer), words)


CELLS = 365 * 78 * 2


def right_birthday(sizes):
    return sum(n * np.exp(-n / CELLS) for n in sizes) / sum(sizes)


def thrown(sizes):  # counted, not computed
    random = np.random.default_rng(0)
    alone = [np.bincount(random.integers(CELLS, size=n)) == 1 for n in sizes]
    return sum(map(np.sum, alone)) / sum(sizes)


def test_birthday():
    def by_tensor(people, cells=CELLS):
        people = tensor(people)
        return (people * np.e ** (-people / cells)).sum() / people.sum()

    def by_pandas(sizes):
        sizes = pd.Series(sizes)
        return pd.Series([sizes.mul(np.exp(-sizes / CELLS)).sum() / sizes.sum()], ["share"])

    right = [
        right_birthday,
        lambda s: np.average(np.exp(-np.array(s) / CELLS), weights=s),
        lambda s: np.array([right_birthday(s)]),
        lambda s: np.float32(right_birthday(s)),
        lambda s: Fraction(float(right_birthday(s))),
        lambda s: np.average((1 - 1 / CELLS) ** (np.array(s) - 1), weights=s),  # without the approximation
        lambda s: np.average(0.5 * (np.exp(-np.array(s) / CELLS) + (1 - 1 / CELLS) ** np.array(s)), weights=s),
        lambda s: 1 - sum(n * -np.expm1(-n / CELLS) for n in s) / sum(s),
        lambda s: round(right_birthday(s), 2),
        by_tensor,
        by_pandas,
        thrown,
    ]
    wrong = [
        (lambda s: ..., "Replace the ..."),
        (lambda s: None, "return"),
        (lambda s: np.mean(np.exp(-np.array(s) / CELLS)), "each ZIP code once"),
        (lambda s: np.exp(-np.mean(s) / CELLS), "average size first"),
        (lambda s: 1 - right_birthday(s), "not unique"),
        (lambda s: 100 * right_birthday(s), "per cent"),
        (lambda s: sum(s) * right_birthday(s), "Divide by all people"),
        (lambda s: np.exp(-np.array(s) / CELLS), "One number"),
        (lambda s: 0.849, "it should give"),
        (lambda s: right_birthday(s) + 0.02, "it should give"),
        (lambda s: np.exp(-max(s) / CELLS), "it should give"),
        (lambda s: np.nan, "finite"),
        (lambda s: "many", "str"),
        (lambda s: True, "bool"),
        (lambda: 1, "could not use"),
    ]
    judged(exercises.check_birthday, right, wrong)
    assert "give 0.7" in exercises.check_birthday(thrown).message and "0.85" in exercises.check_birthday(thrown).message


COLUMNS = ["state", "age", "sex", "degree", "race", "income"]


def test_honest_sample():
    people = data.survey()[:20_000]
    sample = people.sample(frac=0.1, random_state=0)
    alone = reidentification.group_sizes(sample, COLUMNS) == 1
    there = reidentification.group_sizes(people, COLUMNS)[sample.index] == 1
    everywhere = (reidentification.group_sizes(people, COLUMNS) == 1).mean()
    looks, are = alone.mean(), there[alone].mean()

    def judge(given, names=COLUMNS, some=sample):
        return exercises.check_honest_sample(*given, people, some, names)

    def alone_by_groupby(table, **options):
        return (table.groupby(COLUMNS, observed=True, **options)["age"].transform("size") == 1).to_numpy()

    kept, dropped = alone_by_groupby(sample, dropna=False), alone_by_groupby(sample)
    right = [
        (looks, are),
        (float(looks), np.array(are)),
        (pd.Series([looks]), tensor(are)),
        (np.float32(looks), np.array([are])),
        (kept.mean(), alone_by_groupby(people, dropna=False)[sample.index][kept].mean()),
        (alone.sum() / len(sample), there[alone].sum() / alone.sum()),
        (1 - (~alone).mean(), 1 - (~there[alone]).mean()),
        *((round(looks, digits), round(are, digits)) for digits in (2, 3, 4, 5)),
    ]
    wrong = [
        ((..., are), "Replace"),
        ((are, looks), "exchanged"),
        ((100 * looks, 100 * are), "`looks`: That is in per cent"),
        ((looks, 100 * are), "`are`: That is in per cent"),
        ((looks, there.mean()), "everybody in the sample"),
        ((looks, everywhere), "among all people"),
        ((looks, 1 - are), "only look unique"),
        ((1 - looks, are), "not unique"),
        ((looks, 0.5), "`are`: This is off"),
        ((looks + 0.02, are), "`looks`: This is off"),
        ((round(looks, 1), are), "`looks`: This is off"),
        ((alone.sum(), are), "Divide by all people"),
        ((alone, are), "One number"),
        ((None, are), "this is None"),
        ((dropped.mean(), are), "`looks`: This leaves out people with a missing answer"),
        ((looks, alone_by_groupby(people)[sample.index][dropped].mean()), "`are`: This leaves out people"),
    ]
    judged(judge, right, wrong)
    hint(judge((looks, are), COLUMNS[:5]), "was changed")
    hint(judge((looks, are), some=people), "was changed")


KEYS = ["zip", "sex", "born"]


def fitting(person, register):
    return register[(register[KEYS] == person[KEYS]).all(axis=1)]["name"]


def test_name_of():
    def by_loop(person, register):
        names = [r.name_ for r in register.rename(columns={"name": "name_"}).itertuples() if (r.zip, r.sex, r.born)
                 == (person["zip"], person["sex"], person["born"])]  # fmt: skip
        return names[0] if len(names) == 1 else None

    def by_query(person, register):
        fits = register.merge(person.to_frame().T, on=KEYS)
        return fits["name"].iloc[0] if len(fits) == 1 else None

    def by_item(who, names, keys=tuple(KEYS)):
        try:
            return names[(names[list(keys)] == who[list(keys)]).all(axis=1)]["name"].item()
        except ValueError:
            return np.nan

    def by_mask(person, register):
        mask = np.logical_and.reduce([register[key].to_numpy() == person[key] for key in KEYS])
        return str(register["name"].to_numpy()[mask][0]) if mask.sum() == 1 else float("nan")

    def by_values(person, register):
        fits = register[(register[KEYS].values == person[KEYS].values).all(axis=1)]
        return fits["name"].item() if len(fits) == 1 else None

    def by_birthday(person, register):
        names = register[register["born"] == person["born"]]["name"]
        return names.item() if len(names) == 1 else None

    def by_names(person, register):
        return fitting(person, register).iloc[0] if fitting(person, register).nunique() == 1 else None

    def without_sex(person, register):
        names = register[(register[["zip", "born"]] == person[["zip", "born"]]).all(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    def any_column(person, register):
        names = register[(register[KEYS] == person[KEYS]).any(axis=1)]["name"]
        return names.item() if len(names) == 1 else None

    def label_as_place(person, register):
        fits = fitting(person, register)
        return register["name"].iloc[min(fits.index[0], len(register) - 1)] if len(fits) == 1 else None

    def first_column(person, register):
        fits = fitting(person, register)
        return register[register["zip"] == person["zip"]]["name"].iloc[-1] if len(fits) == 1 else None

    right = [
        by_loop,
        by_query,
        by_item,
        by_mask,
        lambda p, r: fitting(p, r).item() if len(fitting(p, r)) == 1 else None,
        lambda p, r: np.str_(fitting(p, r).iloc[0]) if len(fitting(p, r)) == 1 else pd.NA,
        lambda p, r: reidentification.link(p[KEYS].to_frame().T, r, KEYS).get(p.name),
        lambda p, r: dict(zip([1], fitting(p, r), strict=False)).get(len(fitting(p, r))),
        lambda p, r: next(iter(fitting(p, r))) if fitting(p, r).size == 1 else np.float32("nan"),
        by_values,
    ]
    wrong = [
        (lambda p, r: ..., "Replace"),
        (lambda p, r: None, "None for everybody. Is there a return?"),
        (lambda p, r: np.nan, "None for everybody. Is there a return?"),
        (any_column, "not one of them"),
        (without_sex, "It may find too many"),
        (by_names, "count entries, not names"),
        (lambda p, r: by_loop(p, r) or "None", "text 'None'"),
        (lambda p, r: by_loop(p, r) or "", "text ''"),
        (lambda p, r: r["name"].get(p.name) if len(fitting(p, r)) == 1 else None, "who has another sex, born"),
        (lambda p, r: fitting(p, r), "Give one name as text"),
        (lambda p, r: fitting(p, r).item(), "With 2 fitting entries your function stops"),
        (lambda p, r: next(iter(fitting(p, r)), None), "How would you know"),
        (lambda p, r: fitting(p, r).iloc[0] if len(fitting(p, r)) < 2 else None, "With 0 fitting entries"),
        (lambda p, r: r["name"].iloc[0] if len(fitting(p, r)) < 2 else None, "who has another sex"),
        (lambda p, r: "Bob" if len(fitting(p, r)) == 1 else None, "who is not in the register"),
        (
            lambda p, r: [*fitting(p, r), "Ada Fernbeck"][0] if len(fitting(p, r)) < 2 else None,
            "Nobody in the register",
        ),
        (by_birthday, "It may find too many"),
        (label_as_place, "is a label: loc in place of iloc"),
        (first_column, "who has another sex"),
        (lambda p, r: "Ada Fernbeck", "How would you know"),
        (7, "A function is needed"),
    ]
    judged(exercises.check_name_of, right, wrong)
    assert "label" not in exercises.check_name_of(first_column).message


def test_goes_along():
    def by_pandas(classes, answers):
        people = pd.DataFrame({"class": classes, "answer": answers})
        alike = people.groupby(["class", "answer"])["answer"].transform("size")
        size = people.groupby("class")["answer"].transform("size")
        kinds = people.groupby("class")["answer"].transform("nunique")
        same, lone = alike == size, (alike == 1) & (kinds == 2)
        return same.sum() / (same | lone).sum()

    def by_loop(groups, said):
        agree = along = 0
        for i in range(len(said)):
            others = {said[j] for j in range(len(said)) if groups[j] == groups[i] and j != i}
            agree += len(others) == 1
            along += others == {said[i]}
        return Fraction(along, agree)

    def exposed(classes, answers):
        return (pd.Series(answers).groupby(classes).transform("nunique") == 1).mean()

    def people(c, a):
        return by_pandas(c, a) / exposed(c, a) if exposed(c, a) else 0  # 1 / the share whose classmates agree

    right = [
        by_pandas,
        by_loop,
        lambda c, a: np.array(by_pandas(c, a)),
        lambda c, a: tensor([by_pandas(c, a)]),
        lambda c, a: np.float32(by_pandas(c, a)),
        lambda c, a: pd.Series([by_pandas(c, a)]),
        lambda c, a: round(by_pandas(c, a), 4),
    ]
    wrong = [
        (lambda c, a: ..., "Replace"),
        (lambda c, a: None, "return"),
        (exposed, "out of all people"),
        (lambda c, a: 1 / people(c, a) if people(c, a) else 0.5, "share whose classmates agree"),
        (lambda c, a: 1, "Leave her own row out"),
        (lambda c, a: 100 * by_pandas(c, a), "per cent"),
        (lambda c, a: 1 - by_pandas(c, a), "not going along"),
        (lambda c, a: len(c) * exposed(c, a), "Divide by those"),
        (lambda c, a: (a == "other").mean(), "it should give"),
        (lambda c, a: by_pandas(c, a) + 0.01, "it should give"),
        (lambda c, a: reidentification.answer_share(c, a) == 1, "One number"),
        ("?", "A function is needed"),
    ]
    judged(exercises.check_goes_along, right, wrong)


def test_those_whose_classmates_agree_go_along_as_often_as_a_model_says_that_never_saw_them():
    voters = data.survey(iona=True).dropna(subset="vote")
    codes = reidentification.ordinal_codes(voters, ["state", "age", "sex", "degree", "race", "income"])
    classes, republican = reidentification.mondrian(codes, 5), (voters["vote"] == "Republican").to_numpy()
    others = np.bincount(classes, republican)[classes] - republican
    agree = (others == 0) | (others == np.bincount(classes)[classes] - 1)
    folds = KFold(5, shuffle=True, random_state=0)
    unseen = cross_val_predict(HistGradientBoostingClassifier(random_state=0), codes, republican, cv=folds)
    shares = [((others > 0) == republican)[agree].mean(), (unseen == republican)[agree].mean()]
    assert shares == pytest.approx([0.78, 0.785], abs=0.012)


@pytest.fixture(scope="module")
def halves(films, ratings):
    """Trials on people in a release and not in it; two of eight films are wrong. As in the notebook."""
    targets = [user for user in ratings.users.tolist() if user != 0]
    here = np.random.default_rng(3).permutation(targets)[:335].tolist()
    release = reidentification.index_ratings(films[films["user"].isin(here)])
    sides = here, sorted(set(targets) - set(here))
    return [reidentification.trial(release, some, 8, source=ratings, days_off=None, wrong=2) for some in sides]


def test_decision(halves):
    def rule(least, gap, most=8, nobody=None, place=np.argmax):
        def decide(fits):
            second, best = np.sort(fits)[-2:]
            return place(fits) if least <= best <= most and best - second >= gap else nobody

        return decide

    def by_loop(fits):
        best = [place for place, n in enumerate(fits) if n == 6]
        return best[0] if len(best) == 1 and not any(n in (5, 7, 8) for n in fits) else None

    def shuffled(fits):  # spoils what it is given
        fits.sort()
        return None

    right = [
        rule(6, 2),
        rule(6, 2, most=6),
        by_loop,
        rule(6, 2, nobody=np.nan),
        rule(6, 2, nobody=pd.NA),
        rule(6, 2, place=lambda fits: int(fits.argmax())),
        rule(6, 2, place=lambda fits: float(fits.argmax())),
        rule(6, 2, place=lambda fits: np.flatnonzero(fits == fits.max())),
        rule(6, 2, place=lambda fits: tensor(fits).argmax()),
        rule(6, 2, place=lambda fits: pd.Series(fits).idxmax()),
        lambda known, least=6: rule(least, 2)(known),
    ]
    wrong = [
        (lambda fits: ..., "Replace"),
        (lambda fits: None, "You name nobody. Is there a return?"),
        (lambda fits: np.nan, "You name nobody. Is there a return?"),
        (shuffled, "You name nobody"),
        (lambda fits: fits.argmax(), "somebody for everybody"),
        (rule(6, 1), "At most 10 %"),
        (rule(0, 1), "At most 10 %"),
        (rule(6, 3), "ask for a little less"),
        (rule(7, 1), "never more"),
        (rule(8, 1), "never more"),
        (rule(6, 2, place=np.argmin), "return a place in `fits`"),
        (rule(6, 2, place=np.max), "return a place in `fits`"),
        (rule(6, 2, place=lambda fits: np.argsort(fits)[-2]), "return a place in `fits`"),
        (lambda fits: fits.max() >= 6, "a bool"),
        (lambda fits: fits >= 6, "One number"),
        (lambda fits: fits.argmax() + 0.5, "between 0 and"),
        (lambda fits: 5000, "between 0 and 334"),
        (lambda fits: -1, "between 0 and 334"),
        (lambda fits: "Iona", "str"),
        (6, "A function is needed"),
    ]
    judged(lambda decide: exercises.check_decision(decide, *halves), right, wrong)


def test_two_questions(town):
    console = reidentification.Console(town.drop(columns="name"), leave_out=False)
    about = {"in_debt": True, "zip": "00102", "sex": "woman"}
    upto = [about | {"born": ("1900-01-01", day)} for day in ("1962-04-09", "1962-04-08")]
    since = [about | {"born": (day, "2020-01-01")} for day in ("1962-04-10", "1962-04-09")]
    free = [question | {"in_debt": False} for question in upto]
    by_town = [{"in_debt": True, "sex": "woman", "born": question["born"]} for question in upto]  # the other was a man
    right = [
        upto,
        upto[::-1],
        since,
        free,
        by_town,
        [question | {"in_debt": 1} for question in upto],
        [upto[0] | {"in_debt": np.True_}, upto[1]],
        [dict(zip=("00102", "00102"), **{name: value for name, value in upto[0].items() if name != "zip"}), upto[1]],
        [{name: np.str_(value) if name == "sex" else value for name, value in question.items()} for question in upto],
        [dict(reversed(question.items())) for question in upto],
    ]
    no_debt = [{name: value for name, value in question.items() if name != "in_debt"} for question in upto]
    wrong = [
        ((..., upto[1]), "Replace"),
        (({"in_debt": True, ...: ...}, upto[1]), "Replace"),
        ((about | {"born": "1962-04-09"}, upto[1]), "refuses `first`: fewer than 100 people"),
        ((upto[0], about | {"born": ("1962-04-08", "1962-04-09")}), "refuses `second`"),
        (no_debt, "ask about debt"),
        ([question | {"in_debt": (False, True)} for question in upto], "ask about debt"),
        ((upto[0], free[1]), "Ask both the same"),
        ((upto[0], upto[0]), "in both groups"),
        ((upto[0], about | {"born": ("1900-01-01", "1962-03-01")}), "differ by"),
        (
            ({"in_debt": True, "born": upto[0]["born"]}, {"in_debt": True, "born": upto[1]["born"]}),
            "differ by 2 people",
        ),
        ((upto[0] | {"salary": 3}, upto[1]), "no column 'salary'"),
        (
            (upto[0] | {"sex": "female"}, upto[1]),
            "`first`: nobody has 'female' as sex. There are such as 'man', 'woman'",
        ),
        ((upto[0], upto[1] | {"zip": "00104"}), "`second`: nobody has '00104' as zip"),
        ((upto[0], upto[1] | {"zip": 102}), "`second`: zip holds texts such as '00101'"),
        ((upto[0], upto[1] | {"in_debt": "yes"}), "`second`: in_debt holds True or False, without quotes"),
        ((about | {"born": "9 April 1962"}, upto[1]), "year, month, day"),
        ((about | {"born": 1962}, upto[1]), "year, month, day"),
        ((about | {"born": ["1900-01-01", "1962-04-09"]}, upto[1]), "round brackets, (first, last)"),
        ((upto[0], upto[1] | {"zip": ["00101", "00102"]}), "`second`: write the range in round brackets"),
        ((about | {"born": ("1962-04-09",)}, upto[1]), "for (first, last)"),
        ((about | {"born": ("1962-04-09", "1900-01-01")}, upto[1]), "write the earlier day first"),
        ((upto[0] | {"zip": ("00103", "00101")}, upto[1]), "is no range"),
        (("in_debt", upto[1]), "must be a dictionary"),
        ((3899, 3898), "must be a dictionary"),
    ]
    judged(lambda pair: exercises.check_two_questions(*pair, console), right, wrong)
    messages = [exercises.check_two_questions(*pair, console).message for pair in (free, upto)]
    assert "*not* in debt" in messages[0] and "*not* in debt" not in messages[1]


def test_mended_peak():
    def ridge(queries, answers, penalty=80.0, guess=0.2):
        gram = queries.T @ queries + penalty * np.eye(queries.shape[1])
        return guess + np.linalg.solve(gram, queries.T @ (answers - guess * queries.sum(axis=1))) > 0.5

    def with_intercept(queries, answers):
        return ridge(queries - queries.mean(axis=0), answers - answers.mean(), 12.5 / 0.16, guess=0)

    def in_place(queries, answers):
        answers -= 0.2 * queries.sum(axis=1)
        return np.linalg.solve(queries.T @ queries + 80 * np.eye(200), queries.T @ answers) > 0.3

    def stacked(groups, counts, weight=80**0.5):  # the penalty as 200 more equations
        rows = np.vstack([groups, weight * np.eye(200)])
        return np.linalg.lstsq(rows, np.append(counts, np.full(200, 0.2 * weight)), rcond=None)[0] >= 0.5

    right = [
        ridge,
        in_place,
        stacked,
        lambda q, a: ridge(q, a).astype(int).tolist(),
        lambda q, a: pd.Series(ridge(q, a), range(200, 0, -1)),
        lambda q, a: tensor(ridge(q, a)),
        lambda q, a: tuple(ridge(q, a).astype(float)),
        lambda q, a: ridge(q, a)[:, None],
        lambda q, a: ridge(q.astype(np.float32), a.astype(np.float32)),
        lambda q, a: reidentification.penalised_least_squares(q, a, 0.2, 78) > 0.5,
        lambda q, a: ridge(q, a, 40),
        lambda q, a: ridge(q, a, 50, guess=0),
    ]
    wrong = [
        (lambda q, a: ..., "Replace"),
        (lambda q, a: None, "return"),
        (lambda q, a: np.linalg.lstsq(q, a, rcond=None)[0] > 0.5, "without a penalty"),
        (lambda q, a: reidentification.reconstruct(q, a, 0.2), "without a penalty"),
        (lambda q, a: ~ridge(q, a), "Turn your answers round"),
        (lambda q, a: ridge(q, a, 1), "too small or too large?"),
        (
            lambda q, a: np.linalg.solve(q.T @ q + 78 * np.eye(200), q.T @ (a - 0.2 * q.sum(1))) > 0.5,
            "add the 0.2 back?",
        ),
        (with_intercept, "fit an intercept (switch it off)?"),
        (lambda q, a: np.zeros(200, bool), "the guess itself"),
        (lambda q, a: ridge(q, a, 1e6), "the guess itself"),
        (lambda q, a: ridge(q, a, 300), "3 points at least"),
        (lambda q, a: np.linalg.solve(q.T @ q + 80 * np.eye(200), q.T @ a), "True or False"),
        (lambda q, a: ridge(q, a)[:100], "shape"),
        (lambda q, a: True, "shape"),
        (None, "A function is needed"),
    ]
    judged(exercises.check_mended_peak, right, wrong)
    too_small = exercises.check_mended_peak(lambda q, a: ridge(q, a, 1)).message
    assert "0.16" not in too_small and "0.2 back" not in too_small and too_small[-1] == "?"
    assert "penalty" not in exercises.check_mended_peak(lambda q, a: ~ridge(q, a)).message


@pytest.mark.slow
def test_the_linear_program_of_the_section_is_not_enough():
    def linear_program(queries, answers):
        errors = np.hstack([np.eye(200), -np.eye(200)])
        bounds = [(0, 1)] * 200 + [(0, None)] * 400
        cost = np.append(np.zeros(200), np.ones(400))
        return linprog(cost, A_eq=np.hstack([queries, errors]), b_eq=answers, bounds=bounds).x[:200] > 0.5

    hint(exercises.check_mended_peak(linear_program), "3 points at least")


@pytest.mark.parametrize("absurd", [None, "?", 7, [], {}, lambda: 1, np.nan])
def test_absurd_answers_never_raise(absurd, town):
    trial = reidentification.Trial(np.ones(5), np.zeros(5, bool), np.ones((5, 3)), np.zeros(5, int), np.ones(5, int))
    table = pd.DataFrame({"a": [1, 2]})
    for verdict in (
        exercises.check_birthday(absurd),
        exercises.check_honest_sample(absurd, absurd, table, table, ["a"]),
        exercises.check_name_of(absurd),
        exercises.check_goes_along(absurd),
        exercises.check_decision(absurd, trial, trial),
        exercises.check_two_questions(absurd, absurd, reidentification.Console(town)),
        exercises.check_mended_peak(absurd),
    ):
        assert not verdict.right and verdict.message
