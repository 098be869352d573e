"""The checks of *What helps*: right answers in many forms, and wrong ones with the hints that they must get."""

import math
import types
from collections import OrderedDict

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import defences, encryption
from helpers.defences import exercises

CHECKS = (
    exercises.check_ways,
    exercises.check_private_counts,
    exercises.check_largest_epsilon,
    exercises.check_noise_left,
    exercises.check_auc,
    exercises.check_recommendation,
)
GRID = defences.read_grid()


@pytest.mark.parametrize(
    "absurd", [None, "?", 7, [], {}, lambda *some: 1, lambda *some: None, lambda *some: ..., np.nan]
)
def test_absurd_and_unfinished_answers_never_raise(absurd):
    for check in CHECKS:
        verdict = check(absurd)
        assert not verdict.right and verdict.message and "could not use" not in verdict.message
    assert not exercises.check_choose_cell(absurd, GRID).right
    assert all(not check(...).right for check in CHECKS)


def ways(archive="filled up", number="keyed pseudonym", counted="none of these"):
    return {"archive": archive, "patient number": number, "counted by the cloud": counted}


RIGHT_WAYS = [
    ways(),
    ways(number="deterministic"),
    ways("Filled up", "Keyed pseudonym", "None of these "),
    ways("filled-up", "keyed_pseudonym", "NONE OF THESE"),
    ways(counted=None),
    ways(counted=np.nan),
    ways(counted=pd.NA),
    pd.Series(ways()),
    OrderedDict(reversed(ways().items())),
    types.MappingProxyType(ways() | {"by the way": "randomised"}),
    {name: np.str_(way) for name, way in ways().items()},
]
WRONG_WAYS = [
    (ways(archive="randomised"), "Archive: randomised cells differ, but their lengths"),
    (ways(archive="deterministic"), "Look at what 'deterministic' gives away"),
    (ways(archive="order-preserving"), "equal cells"),
    (ways(archive="none of these"), "One of the six will do"),
    (ways(archive="keyed pseudonym"), "Nobody gets a text back"),
    (ways(archive="plain hash"), "Nobody gets a text back"),
    ({"archive": "filled up", "patient number": "keyed pseudonym"}, "no choice yet for: counted by the cloud"),
    (ways(number="plain hash"), "Patient number: there are few of them"),
    (ways(number="randomised"), "the database joins them as they are locked"),
    (ways(number="filled up"), "no two of these cells are ever equal"),
    (ways(number="order-preserving"), "order"),
    (ways(number="none of these"), "occurs once"),
    (ways(counted="filled up"), "with 'filled up' the cloud cannot count at all"),
    (ways(counted="deterministic"), "so does the thief"),
    (ways(archive="AES"), "archive: 'AES' is not one of: plain hash; keyed pseudonym;"),
    (ways(archive=["filled up"]), "is not one of"),
    (ways(archive=...), "Replace the ..."),
    ({"archive": "filled up"}, "patient number"),
    (["filled up", "keyed pseudonym", "none of these"], "A dict is needed"),
    (set(ways()), "A dict is needed"),
]


@pytest.mark.parametrize("right", RIGHT_WAYS, ids=repr)
def test_right_ways(right):
    assert exercises.check_ways(right).right


@pytest.mark.parametrize(("wrong", "hint"), WRONG_WAYS, ids=lambda some: some if isinstance(some, str) else "")
def test_wrong_ways(wrong, hint):
    verdict = exercises.check_ways(wrong)
    assert not verdict.right and hint in verdict.message, verdict


def noisy(scale, shape=None, draw="laplace"):
    def publish(counts, epsilon, random):
        size = len(counts) if shape is None else shape
        return np.asarray(counts) + getattr(random, draw)(scale=scale(len(counts), epsilon), size=size)

    return publish


right_noise = noisy(lambda m, epsilon: m / epsilon)
fixed = np.random.default_rng


def in_place(counts, epsilon, random):
    counts += random.laplace(scale=len(counts) / epsilon, size=len(counts))
    return counts


def one_by_one(numbers, total, generator, start=0.0):
    return [n + generator.laplace(start, 1 / (total / len(numbers))) for n in numbers]


def by_exponentials(counts, epsilon, random):
    draws = random.exponential(len(counts) / epsilon, (2, len(counts)))
    return counts + draws[0] - draws[1]


def by_inversion(counts, epsilon, random):
    u = random.random(len(counts)) - 0.5
    return counts - len(counts) / epsilon * np.sign(u) * np.log1p(-2 * np.abs(u))


def changed_in_place_without_noise(counts, epsilon, random):
    counts += 0 * random.laplace(size=len(counts))
    return counts


RIGHT_COUNTS = {
    "array": right_noise,
    "list": lambda *some: right_noise(*some).tolist(),
    "tuple": lambda *some: tuple(right_noise(*some)),
    "series": lambda *some: pd.Series(right_noise(*some), name="published"),
    "tensor": lambda *some: torch.tensor(right_noise(*some)),
    "float32": lambda *some: right_noise(*some).astype(np.float32),
    "one by one": one_by_one,
    "in place": in_place,
    "the pack's own mechanism": lambda c, e, r: defences.laplace_mechanism(c, e, len(c), r),
    "exponentials": by_exponentials,
    "inversion": by_inversion,
    "its own chance": lambda c, e, r: right_noise(c, e, np.random.default_rng()),
    "whole numbers": lambda *some: right_noise(*some).round().astype(int),
    "rounded down": lambda *some: np.floor(right_noise(*some)),
    "rounded up": lambda *some: np.ceil(right_noise(*some)),
    "one decimal": lambda *some: right_noise(*some).round(1),
}
WRONG_COUNTS = [
    (noisy(lambda m, e: 1 / e), "split ε"),
    (noisy(lambda m, e: m / e / 2), "half of what is needed"),
    (lambda *some: noisy(lambda m, e: m / e / 2)(*some).round(), "half of what is needed"),
    (lambda c, e, r: r.laplace(scale=len(c) / e, size=len(c)), "Add it to the counts"),
    (lambda c, e, r: right_noise(c, e, r).clip(min=0), "cut off below 0"),
    (noisy(lambda m, e: 1.3 * m / e), "For 3 counts and ε = 1.25 the scale of your noise should be 2.4"),
    (noisy(lambda m, e: 0.9 * m / e), "should be 2.4"),
    (noisy(lambda m, e: m * e), "you multiply by ε"),
    (noisy(lambda m, e: e / m), "turn the fraction round"),
    (noisy(lambda m, e: (m / e) ** 2), "that is the square of it"),
    (noisy(lambda m, e: 3 / e), "For 10 counts and ε = 1.0 the scale of your noise should be 10"),
    (noisy(lambda m, e: m / e, shape=1), "same noise"),
    (noisy(lambda m, e: math.sqrt(2) * m / e, draw="normal"), "not Laplace"),
    (noisy(lambda m, e: m / e, draw="normal"), "shape of the noise is not Laplace"),
    (noisy(lambda m, e: m / e / 2, draw="normal"), "shape of the noise is not Laplace"),
    (lambda c, e, r: c + r.laplace(1, len(c) / e, len(c)), "not centred on 0: leave out the first argument"),
    (lambda c, e, r: (c + r.laplace(1, len(c) / e, len(c))).round(), "not centred on 0"),
    (lambda c, e, r: c + r.laplace(len(c) / e, size=len(c)), "not centred on 0"),
    (lambda *some: np.floor(noisy(lambda m, e: m / e / 2)(*some)), "should be 2.4, but is about 1.28"),
    (lambda c, e, r: c + r.uniform(-2 * len(c) / e, 2 * len(c) / e, len(c)), "not Laplace"),
    (lambda c, e, r: c, "no noise"),
    (changed_in_place_without_noise, "no noise"),
    (lambda c, e, r: c + 5, "Every call publishes the same"),
    (lambda c, e, r: right_noise(c, e, fixed(0)), "Every call publishes the same"),
    (lambda c, e, r: np.round(right_noise(c, e, r) / 50) * 50, "not Laplace"),
    (lambda c, e, r: c.sum(), "the shape is ()"),
    (lambda c, e, r: right_noise(c, e, r)[:, None], "the shape is (3, 1)"),
    (lambda c, e, r: None, "is there a return?"),
    (lambda c, e, r: ..., "Replace the ..."),
    (5, "A function is needed"),
]


@pytest.mark.parametrize("form", RIGHT_COUNTS)
def test_right_private_counts(form):
    verdict = exercises.check_private_counts(RIGHT_COUNTS[form])
    assert verdict.right, verdict


@pytest.mark.parametrize(("wrong", "hint"), WRONG_COUNTS, ids=lambda some: some if isinstance(some, str) else "")
def test_wrong_private_counts(wrong, hint):
    verdict = exercises.check_private_counts(wrong)
    assert not verdict.right and hint in verdict.message, verdict


def log_odds(p):
    return math.log((1 - p) / p)


def by_search(prior):
    low, high = 0.0, 50.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if defences.strongest_belief(prior, middle) < 0.5 else (low, middle)
    return low


def named_otherwise(before, target=0.5):
    return math.log(target / (1 - target)) - math.log(before / (1 - before))


RIGHT_NUMBERS = [
    (exercises.check_largest_epsilon, some)
    for some in (
        log_odds, by_search, named_otherwise,
        lambda p: -math.log(p / (1 - p)),
        lambda p: np.log(1 / p - 1),
        lambda p: np.float32(log_odds(p)),
        lambda p: np.array([log_odds(p)]),
        lambda p: pd.Series([log_odds(p)]),
        lambda p: torch.tensor(log_odds(p)),
        lambda p: torch.tensor([p], dtype=torch.float64).logit().neg(),
        lambda p: 2 * math.atanh(1 - 2 * p),
        lambda p: math.log(1 - p) - math.log(p),
    )
] + [
    (exercises.check_noise_left, some)
    for some in (
        lambda b, n: math.sqrt(2 / n) * b,
        lambda b, n: np.float32(2**0.5 * b / n**0.5),
        lambda scale, messages: math.sqrt(2 * scale**2 / messages),
        lambda scale, messages, variance=2: np.sqrt(variance * np.square(scale) / messages),
        lambda b, n: torch.tensor(2.0 * b * b / n).sqrt(),
        lambda b, n: pd.Series([2 * b * b / n]) ** 0.5,
        lambda b, n: np.array(b * math.sqrt(2) / math.sqrt(n)),
        lambda b, n: (n * 2 * b**2) ** 0.5 / n,
        lambda b, n: round(math.sqrt(2 / n) * b, 5),
    )
]  # fmt: skip
WRONG_NUMBERS = [
    (exercises.check_largest_epsilon, wrong, hint)
    for wrong, hint in (
        (lambda p: (1 - p) / p, "take the logarithm"),
        (lambda p: -log_odds(p), "sign is turned round"),
        (lambda p: math.log(0.5 / p), "odds that grow"),
        (lambda p: math.log10((1 - p) / p), "natural"),
        (lambda p: math.log2((1 - p) / p), "natural logarithm, math.log, and not that of base 2"),
        (lambda p: math.log(1 / p), "p / (1 − p)"),
        (lambda p: 1.386, "For a prior of 0.23 it should be 1.2083, but is 1.386."),
        (lambda p: 4, "should be 1.2083, but is 4."),  # not: take the logarithm
        (lambda p: log_odds(0.23), "For a prior of 0.01 it should be 4.5951, but is 1.2083."),
        (lambda p: round(log_odds(p), 2), "it should be 1.2083, but is 1.21. Nearly: give four digits"),
        (lambda p: -1000.0, "but is -1000."),
        (lambda p: [1], "One number"),
        (lambda p: np.ones(3), "One number"),
        (lambda p: math.inf, "finite"),
        (lambda p: True, "One number is needed"),
        (lambda p: None, "is there a return?"),
        (0.3, "A function is needed"),
    )
] + [
    (exercises.check_noise_left, wrong, hint)
    for wrong, hint in (
        (lambda b, n: b / math.sqrt(n), "√2"),
        (lambda b, n: math.sqrt(2) * b / n, "1/√n"),
        (lambda b, n: 2 * b**2 / n, "variance. Take its root"),
        (lambda b, n: math.sqrt(2 * b / n), "*square*"),
        (lambda b, n: 1.01 * math.sqrt(2 * b**2 / n), "it should be 1.8974, but is 1.9163. Nearly"),
        (lambda b, n: round(math.sqrt(2 * b**2 / n), 1), "Nearly: give four digits"),
        (lambda b, n: math.sqrt(2) * b, "one message"),
        (lambda b, n: 2 * b / math.sqrt(n), "its root is √2·scale"),
        (lambda b, n: math.sqrt(2 * n) * b, "noise of the sum"),
        (lambda b, n: 0.35, "For scale 3.0 and 5 messages it should be 1.8974, but is 0.35."),
        (lambda b, n: math.sqrt(2 / min(n, 16)) * b, "For scale 0.5 and 100 messages it should be"),
        (lambda b, n: "1.9", "One number"),
    )
]


@pytest.mark.parametrize(("check", "right"), RIGHT_NUMBERS)
def test_right_numbers(check, right):
    assert check(right).right, check(right)


@pytest.mark.parametrize(
    ("check", "wrong", "hint"),
    WRONG_NUMBERS,
    ids=lambda some: some if isinstance(some, str) else getattr(some, "__name__", ""),
)
def test_wrong_numbers(check, wrong, hint):
    verdict = check(wrong)
    assert not verdict.right and hint in verdict.message, verdict


FOUND = [f"{name}_found" for name in defences.ATTACKERS]
CELL = ["when", "noise", "nopeek"]


def choose(names=defences.ATTACKERS, least=0.85, score=None):
    def answer(grid):
        kept = grid[grid["accuracy"] >= least]
        of_cell = kept[[f"{name}_found" for name in names]].max(axis=1) if score is None else score(kept)
        best = kept.loc[of_cell.idxmin()]
        return best["when"], best["noise"], best["nopeek"]

    return answer


def by_place(grid):
    kept = grid[grid["accuracy"] >= 0.85]
    best = grid.iloc[kept[FOUND].max(axis=1).argmin()]
    return best["when"], best["noise"], best["nopeek"]


def with_a_column_of_its_own(table, least=0.85):
    table["most"] = table[FOUND].max(axis=1)
    table.loc[table["accuracy"] < least, "most"] = 2.0
    return tuple(table.sort_values("most").iloc[0][CELL])


def row_by_row(grid):
    best, least = None, 2.0
    for _, row in grid.iterrows():
        most = max(row[name] for name in FOUND)
        if row["accuracy"] >= 0.85 and most < least:
            best, least = (row["when"], row["noise"], row["nopeek"]), most
    return best


def kept(grid):
    return grid[grid["accuracy"] >= 0.85]


RIGHT_CELLS = {
    "tuple": choose(),
    "list": lambda grid: list(choose()(grid)),
    "array": lambda grid: np.array(choose()(grid), dtype=object),
    "texts in an array": lambda grid: np.array(choose()(grid)),
    "series": lambda grid: pd.Series(choose()(grid), CELL),
    "dict": lambda grid: dict(zip(CELL, choose()(grid), strict=True)),
    "label": lambda grid: kept(grid).set_index(CELL)[FOUND].max(axis=1).idxmin(),
    "table of one row": lambda grid: kept(grid).nsmallest(1, "most found")[CELL],
    "the column of the page": lambda grid: kept(grid).sort_values("most found")[CELL].values[0],
    "a query": lambda g: tuple(g.query("accuracy >= 0.85").set_index(CELL)["most found"].idxmin()),
    "in place": with_a_column_of_its_own,
    "row by row": row_by_row,
    "a whole row": lambda grid: grid.loc[kept(grid)["most found"].idxmin()],
    "a whole row in a table": lambda grid: kept(grid).nsmallest(1, "most found"),
    "a dict in another order": lambda grid: dict(reversed(list(zip(CELL, choose()(grid), strict=True)))),
}
WRONG_CELLS = [
    (choose(["unaware"]), "does not know of the noise"),
    (choose(least=0), "under 85 %"),
    (choose(least=85), "85 % is 0.85"),
    (lambda grid: grid[grid["accuracy"] > 85].sort_values("most found").iloc[0][CELL], "85 % is 0.85"),
    (by_place, "On another grid"),
    (choose(["informed"]), "knows the weights"),
    (choose(["white-box"]), "who has sixteen"),
    (choose(score=lambda kept: -kept[FOUND].max(axis=1)), "find most. Look for the smallest"),
    (choose(score=lambda kept: kept["dcor_unbiased_sqr"]), "You trust a distance correlation"),
    (choose(score=lambda kept: kept["dcor"]), "You trust a distance correlation"),
    (choose(score=lambda kept: kept["accuracy"]), "largest of the four"),
    (choose(score=lambda kept: kept["most found"].where(kept["accuracy"] > 0.85, 2)), "exactly 0.85 counts too"),
    (
        choose(score=lambda kept: kept["most found"].where(kept["when"] == "in training", 2)),
        "Cells with noise after training count too",
    ),
    (lambda grid: kept(grid)["most found"].idxmin(), "the row's number: use .loc"),
    (lambda grid: 0.4, "three values"),
    (lambda grid: (1, 2, 3), "three values"),
    (lambda grid: choose()(GRID), "On another grid"),  # one answer for every grid
    (lambda grid: choose(["unaware"])(GRID), "is not the one"),  # not: that is best against who does not know
    (lambda grid: grid["most_found"], "KeyError"),
    (lambda grid: None, "is there a return?"),
]


@pytest.mark.parametrize("form", RIGHT_CELLS)
def test_right_cells(form):
    before = GRID.copy()
    verdict = exercises.check_choose_cell(RIGHT_CELLS[form], GRID)
    assert verdict.right, verdict
    assert GRID.equals(before)
    assert exercises.check_choose_cell(RIGHT_CELLS[form], GRID.assign(**{"most found": 0.0})).right


@pytest.mark.parametrize(("wrong", "hint"), WRONG_CELLS, ids=lambda some: some if isinstance(some, str) else "")
def test_wrong_cells(wrong, hint):
    verdict = exercises.check_choose_cell(wrong, GRID)
    assert not verdict.right and hint in verdict.message, verdict


def pairs(members, strangers, equal=0.5):
    return ((members[:, None] < strangers) + equal * (members[:, None] == strangers)).mean()


def by_library(members, strangers):
    from sklearn.metrics import roc_auc_score

    return roc_auc_score([1] * len(members) + [0] * len(strangers), -np.concatenate([members, strangers]))


def by_loop(a, b):
    won = 0
    for one in a:
        for other in b:
            won += 1 if one < other else 0.5 if one == other else 0
    return won / (len(a) * len(b))


def by_ranks(members, strangers):
    from scipy.stats import mannwhitneyu

    return mannwhitneyu(strangers, members).statistic / len(members) / len(strangers)


def by_torch(members, strangers):
    m, s = torch.from_numpy(members)[:, None], torch.from_numpy(strangers)
    return ((m < s).float() + (m == s).float() / 2).mean()


def by_sorting(members, strangers):
    s = np.sort(strangers)
    above = len(s) - (np.searchsorted(s, members, "left") + np.searchsorted(s, members, "right")) / 2
    return above.mean() / len(s)


def by_pandas(members, strangers):
    return pd.DataFrame(np.sign(np.subtract.outer(strangers, members)) / 2 + 0.5).stack().mean()


RIGHT_AUCS = [pairs, by_library, by_loop, by_ranks, by_torch, by_sorting, by_pandas,
              lambda m, s: round(pairs(m, s), 4), lambda m, s, tie=0.5: np.float32(pairs(m, s, tie)),
              lambda m, s: (pairs(m, s, 0) + pairs(m, s, 1)) / 2]  # fmt: skip
WRONG_AUCS = [
    (lambda m, s: 1 - pairs(m, s), "wrong way round"),
    (lambda m, s: 100 * pairs(m, s), "per cent"),
    (lambda m, s: pairs(m, s, 0), "Equal losses count one half: the attacker"),
    (lambda m, s: pairs(m, s, 1), "Equal losses count one half, and not one"),
    (lambda m, s: (m[: len(s)] < s[: len(m)]).mean(), "each stranger"),
    (lambda m, s: (m < s).mean(), "each stranger"),
    (lambda m, s: np.mean([a < b for a, b in zip(m, s, strict=False)]), "each stranger"),
    (lambda m, s: 0.5, "it should be 0.625, but is 0.5."),
    (lambda m, s: 0.0, "it should be 0.625, but is 0."),  # not: the wrong way round
    (lambda m, s: float(m.mean() < s.mean()), "it should be 0.625, but is 1."),
    (lambda m, s: pairs(m, s) if len(m) == 4 else 0.7, "members [1. 1. 2.] and strangers [1. 3.] it should be 0.66667"),
    (lambda m, s: pairs(m, s) * 2, "it should be 0.625, but is 1.25."),
    (lambda m, s: m[:, None] < s, "One number is needed"),
    (lambda m, s: m.mean() < s.mean(), "One number is needed"),
    (lambda m, s: None, "return"),
]


@pytest.mark.parametrize("right", RIGHT_AUCS)
def test_right_aucs(right):
    assert exercises.check_auc(right).right, exercises.check_auc(right)


@pytest.mark.parametrize(("wrong", "hint"), WRONG_AUCS, ids=lambda some: some if isinstance(some, str) else "")
def test_wrong_aucs(wrong, hint):
    verdict = exercises.check_auc(wrong)
    assert not verdict.right and hint in verdict.message, verdict


def test_recommendation_says_what_each_choice_leaves_open():
    good = {"cloud": "filled up", "counts": "one table, ε = 1 in all", "forms": "read on the phone"}
    verdict = exercises.check_recommendation(good)
    assert verdict.right and verdict.message.count(": ") >= 3
    assert "queries" in verdict.message and "where ages can be read" in verdict.message
    for change, hint in (
        ({"cloud": "randomised"}, "length of a cell"),
        ({"cloud": "deterministic"}, "equal cells"),
        ({"cloud": "keyed pseudonym"}, "does not bring"),
        ({"counts": "none under 100"}, "differ by one person"),
        ({"counts": "one table a year, ε = 1 each"}, "71 %"),
        ({"counts": "ε = 1 for each question"}, "averaged away"),
        ({"forms": "noise 2 in training"}, "sees sixteen messages"),
        ({"forms": "noise 2 in training"}, "one message"),
        ({"forms": "NoPeek 1"}, "correlation halves"),
        ({"forms": "DP-SGD"}, "trained the network"),
        ({"forms": "hope"}, "forms: 'hope' is not one of: read on the phone;"),
        ({"counts": None}, "counts: None is not one of"),
        ({"cloud": ["filled up"]}, "is not one of"),
        ({"cloud": ...}, "Replace the ..."),
    ):
        verdict = exercises.check_recommendation(good | change)
        assert not verdict.right and hint in verdict.message, (change, verdict.message)
    assert "no choice yet for: forms" in exercises.check_recommendation({"cloud": "filled up", "counts": "x"}).message
    assert "A dict is needed" in exercises.check_recommendation(list(good.values())).message
    for same in (
        pd.Series(good),
        OrderedDict(reversed(good.items())),
        types.MappingProxyType(good | {"note": "none"}),
        {name: np.str_(text) for name, text in good.items()},
        good | {"cloud": "Filled-up"},
        good | {"cloud": " filled_up "},
        good | {"forms": "READ ON THE PHONE"},
        good | {"counts": "one table,  ε = 1 in all\n"},
        good | {"counts": "one table,ε=1 in all"},
        good | {"counts": "one table, e = 1 in all"},
        good | {"counts": "One table, epsilon=1 in all"},
    ):
        assert exercises.check_recommendation(same).right, same


def test_what_the_choices_leave_open_is_what_is_computed():
    open_ = exercises._CHOICES
    counts = open_["counts"]
    assert "in 72 of 100 pairs, where a coin does in 50" in counts["one table, ε = 1 in all"]
    assert round(defences.laplace_auc(1), 2) == 0.72 and defences.laplace_auc(0) == 0.5
    # The clinic's limit: kept by ε = 1 in all, not by ε = 1 a year, which is 2 after two years.
    assert "belief of 25 % may become 71 %" in counts["one table a year, ε = 1 each"]
    assert defences.strongest_belief(0.25, 1) < 0.5 and round(defences.strongest_belief(0.25, 2), 2) == 0.71
    assert "sixteen messages" in open_["forms"]["noise 2 in training"] and defences.MESSAGES == 16


def test_fresh_noise_for_a_thousand_questions_is_averaged_away():
    answers = defences.laplace_mechanism(np.zeros(1000), 1.0, 1, np.random.default_rng(0))
    assert abs(answers.mean()) < 0.2  # one person's answer changes a count by 1


def test_what_the_choices_for_forms_leave_open_stands_in_the_grid():
    cell = defences.read_grid().set_index(["when", "noise", "nopeek"]).loc["in training"]
    plain, noise, nopeek = cell.loc[(0, 0)], cell.loc[(2, 0)], cell.loc[(0, 1)]
    assert noise["persistent_found"] > 0.5  # most pictures
    assert noise["matching_found"] > 0.9  # one message, for whoever holds the candidates
    assert 0.4 < nopeek["dcor_unbiased_sqr"] / plain["dcor_unbiased_sqr"] < 0.55  # the squared correlation halves
    assert min(nopeek[f"{name}_found"] for name in defences.ATTACKERS) > 0.93  # nearly every picture


def test_what_the_choices_for_the_cloud_leave_open_is_what_the_attacks_find():
    clinic = encryption.data.hospital()
    truth, known = (part["admitted for"].dropna().tolist() for part in (clinic.table, clinic.auxiliary))

    def share(guesses):
        return encryption.recovered(guesses, truth)[0]

    def cells(scheme, texts=truth):
        return encryption.encrypt_column(texts, bytes(range(32)), scheme)

    guess, added = share(encryption.guess_commonest(truth, known)), encryption.ADDED
    randomised, deterministic = cells("randomised"), cells("deterministic")
    pseudonyms = [encryption.keyed_pseudonym(text, bytes(range(32))) for text in truth]
    assert share(encryption.match_by_length(randomised, known, added["randomised"])) > 0.5  # most diagnoses
    counted = share(encryption.match_by_frequency(deterministic, known))
    assert share(encryption.match_by_length(deterministic, known, added["deterministic"])) > counted > guess
    assert share(encryption.match_by_frequency(pseudonyms, known)) > guess  # equal cells are counted
    filled = cells("randomised", [text.ljust(20) for text in truth])
    assert len(set(map(len, filled))) == 1 and len(set(filled)) == len(filled)  # neither lengths nor counts
