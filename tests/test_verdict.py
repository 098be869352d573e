"""What checks are made of, and claims: what they accept, what they say, and that they can fail."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import verdict
from helpers.verdict import NotYet, answer_of, claim, known_mistake, number


@verdict.check
def check_seven(answer):
    if number(answer) != 7:
        raise NotYet("It should be 7.")
    return "Seven."


def test_a_check_gives_a_verdict_and_never_raises():
    assert repr(check_seven(7)) == "Right. Seven." and check_seven(7).right
    assert repr(check_seven(8)) == "Not yet. It should be 7." and not check_seven(8).right
    for unfinished in (..., [1, ...], (..., 2), {"a": {"b": ...}}):
        assert check_seven(unfinished).message == verdict.UNFINISHED
    assert "One number is needed, but this is a str" in check_seven("7").message
    assert "could not use your answer. TypeError" in check_seven(object()).message


def test_the_answer_of_a_function():
    assert answer_of(lambda a, b: a + b, 1, 2) == 3
    assert answer_of(lambda: None, may_be_none=True) is None
    for wrong, hint in ((5, "this is an int"), (lambda: ..., "Replace the ..."), (lambda: None, "is there a return")):
        with pytest.raises(NotYet, match=hint):
            answer_of(wrong)


@pytest.mark.parametrize(
    "seven", [7, 7.0, np.int64(7), np.float32(7), np.array(7), np.array([7]), torch.tensor(7), pd.Series([7]).iloc[0]]
)
def test_a_number_in_every_usual_form(seven):
    assert number(seven) == 7.0


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (None, "this is None"), ("7", "a str"), ([7], "a list"), ({}, "a dict"), (np.ones(3), "a ndarray"),
        (True, "a bool"), (np.True_, "a bool"), ({7}, "a set"),
        (torch.ones(2), "a Tensor"), (np.nan, "not a finite number"), (float("inf"), "not a finite number"),
    ],
)  # fmt: skip
def test_what_is_no_number(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        number(wrong)


def test_a_known_mistake_is_named_and_others_pass():
    with pytest.raises(NotYet, match="per cent"):
        known_mistake(49.9999999, {50: "That is in per cent.", 0.25: "Half of it."})
    with pytest.raises(NotYet, match="Half"):
        known_mistake(0.26, {0.25: "Half of it."}, relative=0.05)
    known_mistake(0.5, {50: "That is in per cent.", 0.25: "Half of it."})


def test_a_claim_that_holds_prints_its_sentence(capsys):
    claim("All is well.", True, np.True_, torch.tensor(True), np.array([1, 2]).max() == 2)
    assert capsys.readouterr().out == "All is well.\n"
    claim("word " * 30, True)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_claim_that_fell_shows_the_sentence_the_condition_and_its_numbers():
    error, share = {"line": 0.3}, np.array([1, 5])
    with pytest.raises(AssertionError) as fallen:
        claim("The line is better.", share[0] == 1, 0 < error["line"] < 2 * 0.1)
    said = str(fallen.value)
    assert "No longer true: The line is better." in said and "It needs: 0 < error['line'] < 2 * 0.1" in said
    assert "error['line'] is 0.3" in said and "2 * 0.1 is 0.2" in said and "share" not in said
    with pytest.raises(AssertionError, match=r"share is \[1 5\]"):
        claim("All are small.", (share < 3).all())
    with pytest.raises(AssertionError, match="It needs: all"):
        claim("All are small.", all(one < 3 for one in share))
    with pytest.raises(AssertionError, match="Condition 2 does not hold"):
        claim("Two of them.", *[True, False])


def test_a_claim_must_be_able_to_fail():
    with pytest.raises(TypeError, match="needs a condition"):
        claim("Nothing is asked.")
    for wrong in ("text", 1, [True], np.ones(2), None):
        with pytest.raises(TypeError, match="Condition 1 of this claim must be True or False"):
            claim("Always true?", wrong)


def test_a_claim_without_its_source_still_says_which(tmp_path):
    code = "from helpers.verdict import claim; claim('It holds.', 1 < 2, 2 < 1)"
    got = subprocess.run([sys.executable, "-c", f"exec({code!r})"], capture_output=True, text=True)
    assert got.returncode and "No longer true: It holds." in got.stderr and "Condition 2" in got.stderr
