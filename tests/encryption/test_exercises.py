"""The checks of *Encryption pitfalls*: right answers in several forms, and wrong ones with their hints."""

import itertools
import math
from collections import Counter, OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import encryption
from helpers.encryption import data, exercises

LETTERS = data.letters_to_the_bank(2)[0]
SENT = encryption.encrypt_with_one_nonce(LETTERS, bytes(range(32)), bytes(16))


def test_unfinished_answers_are_not_yet():
    for verdict in (
        exercises.check_password(...),
        exercises.check_account_numbers(...),
        exercises.check_match_by_frequency(lambda cells, known: ...),
        exercises.check_match_by_frequency(lambda cells, known: {"x": ...}),
        exercises.check_leaky_columns({"patient number": ..., "sex": True}),
        exercises.check_second_text(..., LETTERS, SENT),
        exercises.check_next_power(lambda length: ...),
        exercises.check_four_questions({"pharmacy": ...}),
    ):
        assert not verdict.right and "Replace the ..." in verdict.message


def test_a_missing_return_is_named():
    for verdict in (
        exercises.check_match_by_frequency(lambda cells, known: None),
        exercises.check_next_power(lambda length: None),
    ):
        assert not verdict.right and "is there a return?" in verdict.message


@pytest.mark.parametrize("absurd", [None, "?", 7, -1.5, [], {}, lambda *answers: 1, np.nan, np.inf, b"?", True])
def test_absurd_answers_never_raise(absurd):
    for check in (
        exercises.check_password,
        exercises.check_account_numbers,
        exercises.check_match_by_frequency,
        exercises.check_leaky_columns,
        exercises.check_next_power,
        exercises.check_four_questions,
    ):
        assert not check(absurd).right
    assert not exercises.check_second_text(absurd, LETTERS, SENT).right


@pytest.mark.parametrize(
    "password",
    ["breakfast", "Breakfast", " breakfast. ", "BREAKFAST", "breakfast!", b"breakfast", np.str_("breakfast"),
     "breakfast".ljust(16, "\0"), pd.Series(["breakfast"])[0]],
)  # fmt: skip
def test_password(password):
    assert exercises.check_password(password).right


@pytest.mark.parametrize(
    ("password", "hint"),
    [("123456", "not hers"), ("kittiwake", "boat and the gull"), ("lunch", "*first*"), ("marmalade", "Which other"),
     (5, "in quotes"), ("bread", "found the right customers"), ("eggs and toast", "found the right customers"),
     ("her breakfast", "the one word alone"), ("4cc0248eabbccee0", "fit the hints of both"), ("", "Which other"),
     (["breakfast"], "in quotes")],
)  # fmt: skip
def test_wrong_password(password, hint):
    verdict = exercises.check_password(password)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize(
    "count",
    [1_200_000, 1.2e6, 12 * 10**5, np.int64(1_200_000), np.array(1_200_000), np.float32(1.2e6), torch.tensor(1_200_000),
     pd.Series([12]) * 10**5, np.array([1.2e6]), Fraction(1_200_000), Decimal("1.2e6"), 12 * math.comb(10, 1) ** 5],
)  # fmt: skip
def test_account_numbers(count):
    assert exercises.check_account_numbers(count).right


@pytest.mark.parametrize(
    ("count", "hint"),
    [(10**8, "eight free digits"), (10**7, "there are 12"), (12 * 10**6, "not free"), (10**5, "one branch"),
     (120_000, "One digit too few"), (5, "Multiply"), ("1,200,000", "without commas"), ([12, 5], "one number"),
     ((1, 200, 0), "without commas"), ({}, "this is a dict"), (1_200_001, "It is not 1,200,001"),
     ([...], "Replace the ..."), (float("nan"), "not a finite number"), (np.ones(3), "One number is needed")],
)  # fmt: skip
def test_wrong_account_numbers(count, hint):
    verdict = exercises.check_account_numbers(count)
    assert not verdict.right and hint in verdict.message


def ranked(values, reverse=True):
    return sorted(dict.fromkeys(values), key=values.count, reverse=reverse)


@pytest.mark.parametrize(
    "rank",
    [
        ranked,
        lambda values: list(encryption.shares(values)),
        lambda v: [value for value, _ in Counter(v).most_common()],
    ],
)
def test_match_by_frequency(rank):
    pair = lambda cells, known: zip(rank(cells), rank(known), strict=False)  # noqa: E731
    assert exercises.check_match_by_frequency(lambda cells, known: dict(pair(cells, known))).right
    assert exercises.check_match_by_frequency(lambda cells, known: pd.Series(dict(pair(cells, known)))).right


@pytest.mark.parametrize("nothing", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_no_guess_may_be_written_as_missing(nothing):
    def match(cells, known):
        pairs = itertools.zip_longest(ranked(cells), ranked(known)[: len(set(cells))], fillvalue=nothing)
        return dict(pairs)

    assert exercises.check_match_by_frequency(match).right
    assert exercises.check_match_by_frequency(lambda c, k: pd.Series(match(c, k), dtype=object)).right


def by_unique(cells, known):
    order = [
        values[np.argsort(-counts)] for values, counts in (np.unique(x, return_counts=True) for x in (cells, known))
    ]
    return dict(zip(*order, strict=False))


@pytest.mark.parametrize(
    "match",
    [
        lambda cells, known: dict(zip(*(pd.Series(x).value_counts().index for x in (cells, known)), strict=False)),
        lambda c, k, best=ranked: {np.str_(a): np.str_(b) for a, b in zip(best(c), best(k), strict=False)},
        by_unique,
    ],
)
def test_match_by_frequency_with_pandas_and_numpy(match):
    assert exercises.check_match_by_frequency(match).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c, k: dict(zip(ranked(k), ranked(c), strict=False)), "Turn it round"),
        (lambda c, k: dict(zip(dict.fromkeys(c), dict.fromkeys(k), strict=False)), "come sorted"),
        (lambda c, k: dict(zip(ranked(c, False), ranked(k, False), strict=False)), "begin with the rarest"),
        (lambda c, k: {ranked(c)[0]: ranked(k)[0]}, "have no guess: y, z"),
        (
            lambda c, k: {x: ranked(k)[min(i, len(set(k)) - 1)] for i, x in enumerate(ranked(c))},
            "the rarest get no guess",
        ),
        (lambda c, k: list(zip(ranked(c), ranked(k), strict=False)), "Return a dict"),
        (lambda c, k: dict(itertools.zip_longest(ranked(c), ranked(k))), "None is no ciphertext: drop known values"),
        (lambda c, k: dict(itertools.zip_longest(ranked(c), ranked(k), fillvalue="?")), "'?' is no ciphertext"),
        (lambda c, k: {x: ranked(k)[i] for i, x in enumerate(ranked(c))}, "There can be more ciphertexts than known"),
        (lambda c, k: {c[i]: k[9] for i in range(3)}, "The check could not use your answer. IndexError"),
        (lambda c, k: {x: "Flu" for x in c}, "it should give"),
        ({"x": "Flu"}, "A function is needed"),
        (lambda c, k: dict(zip(ranked(c)[:3], ranked(k)[:3], strict=False)), "have no guess: d, e"),
        (lambda c, k: dict(zip(dict.fromkeys(c), ranked(k), strict=False)), "come sorted"),
        (lambda c, k: dict(zip(ranked(c), dict.fromkeys(k), strict=False)), "come sorted"),
        (lambda c, k: dict(zip(sorted(set(c)), ranked(k), strict=False)), "it should give"),
        (lambda c, k: pd.DataFrame({"a": ranked(c)}), "Return a dict"),
    ],
)
def test_wrong_match_by_frequency(wrong, hint):
    verdict = exercises.check_match_by_frequency(wrong)
    assert not verdict.right and hint in verdict.message


LEAKY = {"patient number": False, "sex": True, "month of birth": False, "diagnosis": True}


def test_leaky_columns():
    assert exercises.check_leaky_columns(LEAKY).right
    assert exercises.check_leaky_columns({column: int(answer) for column, answer in LEAKY.items()}).right
    assert exercises.check_leaky_columns({column: np.bool_(answer) for column, answer in LEAKY.items()}).right
    assert exercises.check_leaky_columns({column: torch.tensor(answer) for column, answer in LEAKY.items()}).right
    assert exercises.check_leaky_columns(LEAKY | {"one more": None}).right
    for series in (pd.Series(LEAKY), pd.Series(LEAKY, dtype=object), pd.Series(LEAKY, dtype="boolean")):
        assert exercises.check_leaky_columns(series[::-1]).right
    assert exercises.check_leaky_columns(OrderedDict(reversed(LEAKY.items()))).right


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"patient number": True}, "stands there once"), ({"month of birth": True}, "Twelve even bars"),
     ({"sex": False}, "Two values"), ({"diagnosis": False}, "many rare ones"), ({"sex": "yes"}, "Say True or False"),
     ({"sex": None}, "Say True or False for the sex."), ({"diagnosis": 2}, "for the diagnosis."),
     ({"sex": "True"}, "for the sex, without quotes."), ({"diagnosis": "false"}, "for the diagnosis, without quotes.")],
)  # fmt: skip
def test_wrong_leaky_columns(change, hint):
    verdict = exercises.check_leaky_columns(LEAKY | change)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize(
    "as_type",
    [bytes, bytearray, memoryview, list, tuple, lambda text: text.decode(), lambda text: np.str_(text.decode()),
     lambda text: np.array([*text], np.uint8), lambda text: np.array([*text]), lambda text: np.array([*text], float),
     lambda text: torch.tensor([*text]), lambda text: pd.Series([*text])[::-1][::-1],
     lambda text: "".join(chr(byte) for byte in text)],
)  # fmt: skip
def test_second_text(as_type):
    right, message = exercises.check_second_text(as_type(LETTERS[0]), LETTERS, SENT)
    assert right and "“Dear Marlow Ferry Savings Bank" in message and "Iona Quillfeather”" in message


def test_second_text_by_xor_of_numpys_arrays():
    hers, public = (np.array([*text]) for text in SENT)
    assert exercises.check_second_text(hers ^ public ^ np.array([*LETTERS[1]]), LETTERS, SENT).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (LETTERS[1], "you knew already"),
        (encryption.apply_keystream(LETTERS[0], LETTERS[1]), "both texts added"),
        (encryption.apply_keystream(SENT[1], LETTERS[1]), "key stream. Add it to her_ciphertext"),
        (np.array([*encryption.apply_keystream(SENT[0], LETTERS[0])]), "key stream. Add it to her_ciphertext"),
        (SENT[0], "its own inverse"),
        (LETTERS[0][:20], "first 20 characters"),
        (b"something else", "its own inverse"),
        (7, "Her letter is bytes"),
        (b"", "its own inverse"),
        (np.array([300, 5]), "Her letter is bytes"),
        (pd.DataFrame([[1]]), "Her letter is bytes"),
        (["D", "e"], "Her letter is bytes"),
    ],
)
def test_wrong_second_text(wrong, hint):
    verdict = exercises.check_second_text(wrong, LETTERS, SENT)
    assert not verdict.right and hint in verdict.message


POWERS = [2**i for i in range(50)]


def doubling(length):
    power = 1
    while power < length:
        power *= 2
    return power


@pytest.mark.parametrize(
    "right",
    [lambda n: 2 ** (n - 1).bit_length(), lambda n: 2 ** math.ceil(math.log2(n)), doubling,
     lambda size: 1 << (size - 1).bit_length(), lambda n: 2.0 ** np.ceil(np.log2(n)),
     lambda n: np.int64(2) ** int(np.ceil(np.log2(n))), lambda n: torch.tensor(doubling(n)),
     lambda n, base=2: doubling(n), lambda n: np.array([doubling(n)]), lambda n: pd.Series([doubling(n)]),
     lambda n: next(power for power in POWERS if power >= n)],
)  # fmt: skip
def test_next_power(right):
    assert exercises.check_next_power(right).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda n: 2 ** n.bit_length(), "should stay as it is"),
        (lambda n: 2 ** (n.bit_length() - 1), "less than its length"),
        (lambda n: encryption.pad_to_multiple(n, 1024), "For 1 it should give 1, but gives 1,024"),
        (lambda n: (n - 1).bit_length(), "less than its length"),
        (lambda n: str(2 ** (n - 1).bit_length()), "this is a str"),
        (1024, "A function is needed"),
        (lambda n: 2 * n, "For 1,000 it should give 1,024, but gives 2,000"),
        (lambda n: 2 ** round(math.log2(n)), "1,025 became 1,024"),
        (lambda n: n + 1, "For 1,000 it should give 1,024, but gives 1,001"),
        (lambda n: [1024], "One number is needed"),
        (lambda n: float("inf"), "not a finite number"),
        (lambda n: min(p for p in POWERS[:32] if p >= n), "For the length 1,099,511,627,777 it stops. (ValueError"),
        (lambda n: n / 0, "For the length 1,000 it stops. (ZeroDivisionError"),
    ],
)
def test_wrong_next_power(wrong, hint):
    verdict = exercises.check_next_power(wrong)
    assert not verdict.right and hint in verdict.message


QUESTIONS = {"pharmacy": "guess", "school": "repeats", "cloud drive": "key", "video doctor": "size"}


def test_four_questions():
    assert exercises.check_four_questions(QUESTIONS).right
    for change in (str.upper, str.title, lambda answer: f" {answer} ", np.str_, lambda answer: np.array([answer])[0]):
        assert exercises.check_four_questions({name: change(answer) for name, answer in QUESTIONS.items()}).right
    for series in (pd.Series(QUESTIONS), pd.Series(QUESTIONS, dtype="category")[::-1]):
        assert exercises.check_four_questions(series).right


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"pharmacy": "key"}, "nine-digit"), ({"school": "guess"}, "AES-SIV"), ({"cloud drive": "size"}, "open"),
     ({"video doctor": "repeats"}, "while it is sent"), ({"school": "hash"}, "for the school"),
     ({"school": True}, "for the school"), ({"pharmacy": "repeats"}, "Who can compute SHA-256?")],
)  # fmt: skip
def test_wrong_four_questions(change, hint):
    verdict = exercises.check_four_questions(QUESTIONS | change)
    assert not verdict.right and hint in verdict.message
