"""The checks of *Text models*: right answers in several forms, and wrong ones with their hints."""

import re

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.text import exercises

WAYS = pd.DataFrame(
    {
        "search finds": [85.0, 86, 82, 81, 60],
        "plain: right when named": [100.0, 2, 8, 2, 1],
        "informed: rare tokens taken": [99.0, 99, 38, 22, 10],
    },
    ["exact", "8 bits", "1 bit", "64 numbers", "noise"],
)


def right_step(left, vectors):
    return (vectors @ left / np.linalg.norm(vectors, axis=1)).argmax()


def by_a_loop(rest, rows):
    best, place = -2, None
    for i, row in enumerate(rows):
        cosine = sum(a * b for a, b in zip(row, rest, strict=True)) / sum(a * a for a in row) ** 0.5
        if cosine > best:
            best, place = cosine, i
    return place


@pytest.mark.parametrize(
    "answer",
    [
        right_step,
        by_a_loop,
        lambda left, vectors: int(right_step(left, vectors)),
        lambda left, vectors: float(right_step(left, vectors)),
        lambda left, vectors: np.argsort(-(vectors @ left) / np.sqrt((vectors**2).sum(1)))[0],
        lambda left, vectors: right_step(left / np.linalg.norm(left), vectors),
        lambda left, vectors: np.array([right_step(left, vectors)]),
        lambda left, vectors: torch.tensor(right_step(left, vectors)),
        lambda left, vectors: pd.Series(vectors @ left / np.linalg.norm(vectors, axis=1)).idxmax(),
    ],
)
def test_next_token(answer):
    assert exercises.check_next_token(answer).right


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda left, vectors: ..., "Replace the ..."),
        (lambda left, vectors: None, "is there a return?"),
        (3, "A function is needed"),
        (lambda left, vectors: (vectors @ left).argmax(), "Long vectors win"),
        (
            lambda left, vectors: np.abs(vectors @ left / np.linalg.norm(vectors, axis=1)).argmax(),
            "the other way is no",
        ),
        (lambda left, vectors: (vectors @ left / np.linalg.norm(vectors, axis=1)).argmin(), "points the other way"),
        (lambda left, vectors: (vectors @ left / np.linalg.norm(vectors, axis=1)).max(), "argmax gives it"),
        (lambda left, vectors: vectors @ left, "One number is needed"),
        (lambda left, vectors: 0, "of 40 tries"),
        (lambda left: 0, "could not use your answer"),
    ],
)
def test_wrong_next_token(answer, hint):
    verdict = exercises.check_next_token(answer)
    assert not verdict.right and hint in verdict.message


FITTING = ["1 bit", "64 numbers"]


@pytest.mark.parametrize(
    "fitting",
    [FITTING, FITTING[::-1], tuple(FITTING), set(FITTING), np.array(FITTING), pd.Index(FITTING), pd.Series(FITTING),
     WAYS.index[2:4], WAYS.iloc[2:4].index.tolist()],
)  # fmt: skip
def test_ways(fitting):
    verdict = exercises.check_ways(fitting, WAYS)
    assert verdict.right and "22 % of the rare" in verdict.message


@pytest.mark.parametrize(
    ("fitting", "hint"),
    [
        (..., "Replace the ..."),
        ([...], "Replace the ..."),
        (5, "A list of names"),
        ("1 bit", "1 that fits is missing"),
        (["1 bit"], "1 that fits is missing"),
        ([], "2 that fit are missing"),
        (["2 bits"], "no way of storing called '2 bits'"),
        (["8 bits", "1 bit", "64 numbers"], "does not know what was done"),
        (["1 bit", "64 numbers", "noise"], "noise does not fit: its search is too poor"),
        (["1 bit", "64 numbers", "exact"], "exact does not fit: over 60 %"),
        ([True, False], "table_of_ways.index[yours]"),
        (None, "A list of names"),
    ],
)
def test_wrong_ways(fitting, hint):
    verdict = exercises.check_ways(fitting, WAYS)
    assert not verdict.right and hint in verdict.message


def test_where_nothing_fits_an_empty_list_is_right():
    assert exercises.check_ways([], WAYS.iloc[:2]).right


@pytest.mark.parametrize("absurd", [None, "?", 7, -1.5, [], {}, lambda *answers: 1, np.nan, np.inf, b"?", True])
def test_absurd_answers_never_raise(absurd):
    assert not exercises.check_next_token(absurd).right
    assert not exercises.check_ways(absurd, WAYS).right
    assert not exercises.check_exposure(absurd).right
    assert not exercises.check_filter(absurd).right
    assert not exercises.check_noise(absurd).right


def exposure(rank, candidates):
    return np.log2(candidates) - np.log2(rank)


@pytest.mark.parametrize(
    "answer",
    [
        exposure,
        lambda r, n: np.log2(n / r),
        lambda place, of: float(np.log(of / place) / np.log(2)),
        lambda r, n: torch.tensor(n / r).log2(),
        lambda r, n: round(float(np.log2(n / r)), 2),
    ],
)
def test_exposure(answer):
    assert exercises.check_exposure(answer).right


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda r, n: ..., "Replace the ..."),
        (lambda r, n: None, "is there a return?"),
        (lambda r, n: np.log(n / r), "natural logarithm"),
        (lambda r, n: np.log10(n / r), "base 10"),
        (lambda r, n: np.log2(r) - np.log2(n), "sign is turned"),
        (lambda r, n: np.log2(r), "yet to guess"),
        (lambda r, n: n / r, "Its logarithm is missing"),
        (lambda r, n: np.log2(n) / np.log2(r), "Subtract the two logarithms"),
        (lambda r, n: round(float(np.log2(n / r))), "do not round"),
        (lambda r, n: 7, "has 7.97 bits, but your function gives 7.00"),
    ],
)
def test_wrong_exposure(answer, hint):
    verdict = exercises.check_exposure(answer)
    assert not verdict.right and hint in verdict.message


WORD = "(?:zero|one|two|three|four|five|six|seven|eight|nine)"


def censored(chat):
    return re.sub(rf"\d{{4,}}|\b{WORD}(?: {WORD}){{3,}}\b", "0000", chat)


def in_two_steps(chat):
    """The same, with other patterns."""
    chat = re.sub("[0-9]{4}[0-9]*", "0000", chat)
    words = "zero one two three four five six seven eight nine".split()
    return re.sub(r"(\b(" + "|".join(words) + r")\b ?){4,}", lambda m: "0000" + " " * m[0].endswith(" "), chat)


@pytest.mark.parametrize("answer", [censored, in_two_steps])
def test_filter(answer):
    assert exercises.check_filter(answer).right


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda chat: ..., "Replace the ..."),
        (lambda chat: None, "is there a return?"),
        (lambda chat: 7, "should return a text, but it returns an int"),
        (lambda chat: chat, "This is let through: 'my pin is 2709.'"),
        (lambda chat: re.sub(r"\d{4,}", "0000", chat), "This is let through: 'my pin is two seven zero nine.'"),
        (lambda chat: re.sub(rf"\d+|\b{WORD}(?: {WORD})*\b", "0000", chat), "should become 'two men"),
        (lambda chat: re.sub(rf"\d{{4}}|\b{WORD}(?: {WORD}){{3,}}\b", "0000", chat), "but becomes '0000 and 00005'"),
        (lambda chat: re.sub(rf"\d{{4,}}|{WORD}(?: {WORD}){{3,}}", "0000", chat), "three fourteen"),
        (lambda chat: re.sub(rf"\d{{4,}}|\b{WORD}(?: {WORD}){{3}}\b", "0000", chat), "'call 0000'"),
        (lambda chat: re.sub(rf"\d{{4,}}|\b{WORD}(?: {WORD}){{3,}}\b", "", chat), "but becomes 'my pin is .'"),
    ],
)
def test_wrong_filter(answer, hint):
    verdict = exercises.check_filter(answer)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize("answer", [1.7, np.float32(1.7), torch.tensor(1.7), np.array([1.7]), pd.Series([1.7]), 1.63])
def test_noise(answer):
    assert exercises.check_noise(answer).right


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (..., "Replace the ..."),
        (None, "One number is needed"),
        (1.0, "ε is 6.82, which is too large"),
        (1.6, "which is too large"),
        (1.8, "less noise would do"),
        (3, "less noise would do"),
        (0, "above 0"),
        (-1.7, "above 0"),
        ([1.6, 1.7], "One number is needed"),
    ],
)
def test_wrong_noise(answer, hint):
    verdict = exercises.check_noise(answer)
    assert not verdict.right and hint in verdict.message
