"""The checks of *Encryption pitfalls*: right answers in several forms, and wrong ones with their hints."""

import hashlib
import hmac
import itertools
import math
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from helpers import encryption
from helpers.encryption import data, exercises

LETTERS = data.letters_to_the_bank(2)[0]


def test_unfinished_answers_are_not_yet():
    for verdict in (
        exercises.check_password(...),
        exercises.check_account_numbers(...),
        exercises.check_pseudonym(lambda identifier, key: ...),
        exercises.check_match_by_frequency(lambda cells, known: ...),
        exercises.check_match_by_frequency(lambda cells, known: {"x": ...}),
        exercises.check_leaky_columns({"patient number": ..., "sex": True}),
        exercises.check_second_text(..., LETTERS),
        exercises.check_next_power(lambda length: ...),
        exercises.check_four_questions({"pharmacy": ...}),
    ):
        assert not verdict.right and "Replace the ..." in verdict.message


def test_a_missing_return_is_named():
    for verdict in (
        exercises.check_pseudonym(lambda identifier, key: None),
        exercises.check_match_by_frequency(lambda cells, known: None),
        exercises.check_next_power(lambda length: None),
    ):
        assert not verdict.right and "is there a return?" in verdict.message


@pytest.mark.parametrize("absurd", [None, "?", 7, -1.5, [], {}, lambda *answers: 1, np.nan, np.inf, b"?", True])
def test_absurd_answers_never_raise(absurd):
    for check in (
        exercises.check_password,
        exercises.check_account_numbers,
        exercises.check_pseudonym,
        exercises.check_match_by_frequency,
        exercises.check_leaky_columns,
        exercises.check_next_power,
        exercises.check_four_questions,
    ):
        assert not check(absurd).right
    assert not exercises.check_second_text(absurd, LETTERS).right


@pytest.mark.parametrize("password", ["breakfast", "Breakfast", " breakfast. "])
def test_password(password):
    assert exercises.check_password(password).right


@pytest.mark.parametrize(
    ("password", "hint"),
    [("123456", "not hers"), ("kittiwake", "boat and the gull"), ("lunch", "*first*"), ("marmalade", "Which other"),
     (5, "in quotes")],
)  # fmt: skip
def test_wrong_password(password, hint):
    verdict = exercises.check_password(password)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize("count", [1_200_000, 1.2e6, 12 * 10**5, np.int64(1_200_000), np.array(1_200_000)])
def test_account_numbers(count):
    assert exercises.check_account_numbers(count).right


@pytest.mark.parametrize(
    ("count", "hint"),
    [(10**8, "eight free digits"), (10**7, "there are 12"), (12 * 10**6, "not free"), (10**5, "one branch"),
     (120_000, "One digit too few"), (5, "Multiply"), ("1,200,000", "without commas"), ([12, 5], "one number"),
     ((1, 200, 0), "without commas"), ({}, "this is a dict")],
)  # fmt: skip
def test_wrong_account_numbers(count, hint):
    verdict = exercises.check_account_numbers(count)
    assert not verdict.right and hint in verdict.message


def test_pseudonym():
    def with_update(identifier, key):
        mac = hmac.new(key, digestmod=hashlib.sha256)
        mac.update(identifier.encode("utf-8"))
        return mac.hexdigest()

    assert exercises.check_pseudonym(with_update).right
    assert exercises.check_pseudonym(lambda i, k: hmac.digest(k, i.encode(), "sha256").hex()).right
    assert exercises.check_pseudonym(lambda i, k: hmac.new(k, i.encode(), "sha256").hexdigest().upper()).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda i, k: hashlib.sha256(i.encode()).hexdigest(), "key is not used"),
        (lambda i, k: hashlib.md5(i.encode()).hexdigest(), "key is not used"),
        (lambda i, k: hashlib.sha256(k + i.encode()).hexdigest(), "Gluing"),
        (lambda i, k: hashlib.sha256(i.encode() + k).hexdigest(), "Gluing"),
        (lambda i, k: hmac.new(i.encode(), k, "sha256").hexdigest(), "changed places"),
        (lambda i, k: hmac.new(k, i.encode(), "md5").hexdigest(), "SHA-256 in place of MD5"),
        (lambda i, k: hmac.new(k, i.encode(), "sha256").digest(), ".hexdigest()"),
        (lambda i, k: hmac.new(k, i.encode(), "sha256"), "hexadecimal text"),
        (lambda i, k: hmac.new(b"k" * 32, i.encode(), "sha256").hexdigest(), "use the key given"),
        (lambda i, k: hmac.new(k, i.lower().encode(), "sha256").hexdigest(), "as it is"),
        (lambda i, k: hmac.new(k, i, "sha256").hexdigest(), "could not use"),
        ("a" * 64, "A function is needed"),
    ],
)
def test_wrong_pseudonym(wrong, hint):
    verdict = exercises.check_pseudonym(wrong)
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


def test_no_guess_may_be_written_as_none():
    assert exercises.check_match_by_frequency(
        lambda cells, known: dict(itertools.zip_longest(ranked(cells), ranked(known)[: len(set(cells))]))
    ).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda c, k: dict(zip(ranked(k), ranked(c), strict=False)), "Turn it round"),
        (lambda c, k: dict(zip(dict.fromkeys(c), dict.fromkeys(k), strict=False)), "come sorted"),
        (lambda c, k: dict(zip(ranked(c, False), ranked(k, False), strict=False)), "begin with the rarest"),
        (lambda c, k: {ranked(c)[0]: ranked(k)[0]}, "have no guess: y, z"),
        (lambda c, k: {x: ranked(k)[min(i, len(set(k)) - 1)] for i, x in enumerate(ranked(c))}, "should get no guess"),
        (lambda c, k: list(zip(ranked(c), ranked(k), strict=False)), "Return a dict"),
        (lambda c, k: {x: "Flu" for x in c}, "it should give"),
        ({"x": "Flu"}, "A function is needed"),
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


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"patient number": True}, "stands there once"), ({"month of birth": True}, "Twelve months"),
     ({"sex": False}, "Two values"), ({"diagnosis": False}, "many rare ones"), ({"sex": "yes"}, "Say True or False")],
)  # fmt: skip
def test_wrong_leaky_columns(change, hint):
    verdict = exercises.check_leaky_columns(LEAKY | change)
    assert not verdict.right and hint in verdict.message


@pytest.mark.parametrize(
    "as_type", [bytes, bytearray, list, lambda text: text.decode(), lambda text: np.array([*text], np.uint8)]
)
def test_second_text(as_type):
    assert exercises.check_second_text(as_type(LETTERS[0]), LETTERS).right


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (LETTERS[1], "you knew already"),
        (encryption.apply_keystream(LETTERS[0], LETTERS[1]), "both texts added"),
        (LETTERS[0][:20], "first 20 characters"),
        (b"something else", "its own inverse"),
        (7, "Her letter is bytes"),
        (b"", "its own inverse"),
    ],
)
def test_wrong_second_text(wrong, hint):
    verdict = exercises.check_second_text(wrong, LETTERS)
    assert not verdict.right and hint in verdict.message


def doubling(length):
    power = 1
    while power < length:
        power *= 2
    return power


@pytest.mark.parametrize(
    "right", [lambda n: 2 ** (n - 1).bit_length(), lambda n: 2 ** math.ceil(math.log2(n)), doubling]
)
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
    ],
)
def test_wrong_next_power(wrong, hint):
    verdict = exercises.check_next_power(wrong)
    assert not verdict.right and hint in verdict.message


QUESTIONS = {"pharmacy": "guess", "school": "repeats", "cloud drive": "key", "video doctor": "size"}


def test_four_questions():
    assert exercises.check_four_questions(QUESTIONS).right


@pytest.mark.parametrize(
    ("change", "hint"),
    [({"pharmacy": "key"}, "nine-digit"), ({"school": "guess"}, "AES-SIV"), ({"cloud drive": "size"}, "open"),
     ({"video doctor": "repeats"}, "while it is sent"), ({"school": "hash"}, "for the school")],
)  # fmt: skip
def test_wrong_four_questions(change, hint):
    verdict = exercises.check_four_questions(QUESTIONS | change)
    assert not verdict.right and hint in verdict.message
