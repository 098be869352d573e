"""The checks of *What helps*: right answers in several forms, and wrong ones with their hints."""

import math

import numpy as np
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


@pytest.mark.parametrize(
    "absurd", [None, "?", 7, [], {}, lambda *some: 1, lambda *some: None, lambda *some: ..., np.nan]
)
def test_absurd_and_unfinished_answers_never_raise(absurd):
    for check in CHECKS:
        verdict = check(absurd)
        assert not verdict.right and verdict.message
    assert not exercises.check_choose_cell(absurd, defences.read_grid()).right
    assert all(not check(...).right for check in CHECKS)


def ways(archive="filled up", number="keyed pseudonym", counted="none of these"):
    return {"archive": archive, "patient number": number, "counted by the cloud": counted}


def test_ways():
    assert exercises.check_ways(ways()).right and exercises.check_ways(ways(number="deterministic")).right
    assert exercises.check_ways(ways("Filled up", "Keyed pseudonym", "None of these ")).right
    for wrong, hint in (
        (ways(archive="randomised"), "lengths"),
        (ways(archive="deterministic"), "equal cells"),
        (ways(archive="none of these"), "One of the six will do"),
        (ways(archive="keyed pseudonym"), "Nobody gets a text back"),
        ({"archive": "filled up", "patient number": "keyed pseudonym"}, "no answer yet for: counted by the cloud"),
        (ways(number="plain hash"), "dictionary"),
        (ways(number="randomised"), "ever equal"),
        (ways(number="filled up"), "ever equal"),
        (ways(number="order-preserving"), "order"),
        (ways(number="none of these"), "occurs once"),
        (ways(counted="filled up"), "cannot count"),
        (ways(counted="deterministic"), "so does the thief"),
        (ways(archive="AES"), "is not one of"),
        ({"archive": "filled up"}, "patient number"),
    ):
        verdict = exercises.check_ways(wrong)
        assert not verdict.right and hint in verdict.message, wrong


def noisy(scale, shape=None, draw="laplace"):
    def publish(counts, epsilon, random):
        size = len(counts) if shape is None else shape
        return np.asarray(counts) + getattr(random, draw)(scale=scale(len(counts), epsilon), size=size)

    return publish


def test_private_counts():
    right = noisy(lambda m, epsilon: m / epsilon)
    assert exercises.check_private_counts(right).right
    assert exercises.check_private_counts(lambda *some: right(*some).tolist()).right
    assert exercises.check_private_counts(
        lambda c, e, r: [n + r.laplace(0, 1 / (e / len(c))) for n in c]
    ).right  # split over the counts
    assert exercises.check_private_counts(lambda *some: right(*some).round().astype(int)).right  # as in the table
    fixed = np.random.default_rng
    for wrong, hint in (
        (noisy(lambda m, e: 1 / e), "split ε"),
        (noisy(lambda m, e: m / e / 2), "half of what is needed"),
        (lambda *some: noisy(lambda m, e: m / e / 2)(*some).round(), "half of what is needed|the scale should be"),
        (lambda c, e, r: r.laplace(scale=len(c) / e, size=len(c)), "Add it to the counts"),
        (lambda c, e, r: right(c, e, r).clip(min=0), "cut off below 0"),
        (noisy(lambda m, e: 1.3 * m / e), "For 1 count and"),
        (noisy(lambda m, e: m * e), "turn the fraction|multiply by ε|half of what"),
        (noisy(lambda m, e: e / m), "turn the fraction|multiply by ε"),
        (noisy(lambda m, e: m / e, shape=1), "same noise"),
        (noisy(lambda m, e: math.sqrt(2) * m / e, draw="normal"), "shape is not Laplace"),
        (lambda c, e, r: c, "no noise"),
        (lambda c, e, r: right(c, e, fixed(0)), "same noise: use the generator"),
        (lambda c, e, r: c.sum(), "the shape is"),
        (lambda c, e, r: None, "return"),
        (lambda c, e, r: np.round(right(c, e, r) / 50) * 50, "no noise"),
    ):
        verdict = exercises.check_private_counts(wrong)
        assert not verdict.right
        assert any(part in verdict.message for part in hint.split("|")), (hint, verdict.message)


def test_largest_epsilon():
    log_odds = lambda p: math.log((1 - p) / p)  # noqa: E731
    for same in (
        log_odds,
        lambda p: -math.log(p / (1 - p)),
        lambda p: np.log(1 / p - 1),
        lambda p: torch.tensor(log_odds(p)),
    ):
        assert exercises.check_largest_epsilon(same).right
    for wrong, hint in (
        (lambda p: (1 - p) / p, "logarithm"),
        (lambda p: -log_odds(p), "sign"),
        (lambda p: math.log(0.5 / p), "odds that do"),
        (lambda p: math.log10((1 - p) / p), "natural"),
        (lambda p: math.log(1 / p), "p / (1 − p)"),
        (lambda p: 1.386, "It should be 50 %"),
        (lambda p: math.log(4), "It should be 50 %"),
        (lambda p: round(log_odds(p), 2), "Do not round"),
        (lambda p: [1], "One number"),
        (lambda p: math.inf, "finite"),
    ):
        verdict = exercises.check_largest_epsilon(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def test_noise_left():
    assert exercises.check_noise_left(lambda b, n: math.sqrt(2 / n) * b).right
    assert exercises.check_noise_left(lambda b, n: np.float32(2**0.5 * b / n**0.5)).right
    for wrong, hint in (
        (lambda b, n: b / math.sqrt(n), "√2"),
        (lambda b, n: math.sqrt(2) * b / n, "1/√n"),
        (lambda b, n: 2 * b**2 / n, "variance"),
        (lambda b, n: math.sqrt(2 * b / n), "*square*"),
        (lambda b, n: 1.01 * math.sqrt(2 * b**2 / n), "roughly"),
        (lambda b, n: math.sqrt(2) * b, "one message"),
        (lambda b, n: math.sqrt(2 * n) * b, "sum"),
        (lambda b, n: 0.35, "should be"),
    ):
        verdict = exercises.check_noise_left(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def choose(names=defences.ATTACKERS, least=0.85, score=None):
    def answer(grid):
        kept = grid[grid["accuracy"] >= least]
        of_cell = kept[[f"{name}_found" for name in names]].max(axis=1) if score is None else score(kept)
        best = kept.loc[of_cell.idxmin()]
        return best["when"], best["noise"], best["nopeek"]

    return answer


def by_place(grid):
    kept = grid[grid["accuracy"] >= 0.85]
    best = grid.iloc[kept[[f"{name}_found" for name in defences.ATTACKERS]].max(axis=1).argmin()]
    return best["when"], best["noise"], best["nopeek"]


def test_choose_cell():
    grid = defences.read_grid()
    assert exercises.check_choose_cell(choose(), grid).right
    assert exercises.check_choose_cell(lambda grid: list(choose()(grid)), grid).right
    for wrong, hint in (
        (choose(["unaware"]), "does not know"),
        (choose(least=0), "under 85 %"),
        (choose(least=85), "85 % is 0.85"),
        (by_place, "On another grid"),
        (choose(["informed"]), "averages sixteen"),
        (choose(score=lambda kept: -kept["averaging_found"]), "smallest"),
        (choose(score=lambda kept: kept["accuracy"]), "largest of the three"),
        (lambda grid: 0.4, "three values"),
        (lambda grid: choose()(defences.read_grid()), "largest of the three"),  # one answer for every grid
    ):
        verdict = exercises.check_choose_cell(wrong, grid)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def pairs(members, strangers):
    return ((members[:, None] < strangers) + 0.5 * (members[:, None] == strangers)).mean()


def test_auc():
    from sklearn.metrics import roc_auc_score

    def by_library(members, strangers):
        return roc_auc_score([1] * len(members) + [0] * len(strangers), -np.concatenate([members, strangers]))

    assert exercises.check_auc(pairs).right and exercises.check_auc(by_library).right
    for wrong, hint in (
        (lambda m, s: 1 - pairs(m, s), "wrong way round"),
        (lambda m, s: 100 * pairs(m, s), "per cent"),
        (lambda m, s: (m[:, None] < s).mean(), "one half"),
        (lambda m, s: (m[: len(s)] < s[: len(m)]).mean(), "each stranger"),
        (lambda m, s: (m < s).mean(), "each stranger"),
        (lambda m, s: m.mean() < s.mean(), "should be"),
        (lambda m, s: m[:, None] < s, "One number"),
    ):
        verdict = exercises.check_auc(wrong)
        assert not verdict.right and hint in verdict.message, (hint, verdict.message)


def test_recommendation_says_what_each_choice_leaves_open():
    good = {"cloud": "filled up", "counts": "one table, ε = 1 in all", "forms": "read on the phone"}
    verdict = exercises.check_recommendation(good)
    assert verdict.right and verdict.message.count(": ") >= 3 and "queries" in verdict.message
    for change, hint in (
        ({"cloud": "randomised"}, "length of a cell"),
        ({"cloud": "deterministic"}, "equal cells"),
        ({"cloud": "keyed pseudonym"}, "does not bring"),
        ({"counts": "none under 100"}, "differ by one person"),
        ({"counts": "one table a year, ε = 1 each"}, "71 %"),
        ({"counts": "ε = 1 for each question"}, "averaged away"),
        ({"forms": "noise 2 in training"}, "averages sixteen"),
        ({"forms": "noise 2 in training"}, "one message"),
        ({"forms": "NoPeek 1"}, "correlation halves"),
        ({"forms": "DP-SGD"}, "trained the network"),
        ({"forms": "hope"}, "choose one of"),
    ):
        verdict = exercises.check_recommendation(good | change)
        assert not verdict.right and hint in verdict.message, (change, verdict.message)
    assert "no choice yet for: forms" in exercises.check_recommendation({"cloud": "filled up", "counts": "x"}).message


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
    assert noise["averaging_found"] > 0.5  # most pictures
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
