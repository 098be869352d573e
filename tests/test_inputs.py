"""What functions are given: every usual form is taken, everything else refused with a sentence."""

import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import inputs


@pytest.mark.parametrize("three", [3, 3.0, np.int64(3), np.float32(3), np.array(3), torch.tensor(3.0)])
def test_a_number_in_every_form(three):
    assert inputs.real("k", three) == 3.0 and isinstance(inputs.real("k", three), float)
    assert inputs.whole("k", three, 1, 5) == 3 and isinstance(inputs.whole("k", three), int)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (None, TypeError, "k must be a whole number at least 1 and at most 5, but None was given."),
        ("3", TypeError, "but the text '3' was given."),
        (True, TypeError, "but True was given."),
        ([3], TypeError, "but a list of length 1 was given."),
        (np.ones(2), TypeError, r"but a ndarray of float64 and shape \(2,\) was given."),
        (2.5, ValueError, "a whole number at least 1 and at most 5, but 2.5 was given."),
        (float("nan"), ValueError, "but nan was given."),
        (float("inf"), ValueError, "but inf was given."),
        (0, ValueError, "but 0 was given."),
        (10**400, ValueError, "a whole number at least 1 and at most 5, but 1000"),
        (6, ValueError, "but 6 was given."),
    ],
)
def test_what_is_no_number_from_1_to_5(given, error, says):
    with pytest.raises(error, match=says):
        inputs.whole("k", given, 1, 5)


def test_a_chance_lies_strictly_between_0_and_1():
    assert inputs.chance("delta", np.float32(0.5)) == 0.5
    for bad in (0, 1, -0.1, 2):
        with pytest.raises(ValueError, match="delta must lie strictly between 0 and 1, but"):
            inputs.chance("delta", bad)
    with pytest.raises(TypeError, match="delta must be a finite number, but None was given."):
        inputs.chance("delta", None)


def test_a_limit_that_is_not_reached():
    assert inputs.real("ε", 0.1, above=0) == 0.1
    with pytest.raises(ValueError, match="ε must be a finite number above 0, but 0 was given."):
        inputs.real("ε", 0, above=0)


SAME = [30, None, 30, 7]


@pytest.mark.parametrize(
    "column",
    [
        SAME,
        tuple(SAME),
        np.array([30, np.nan, 30, 7]),
        np.array(SAME, dtype=object),
        pd.Series([30, np.nan, 30, 7]),
        pd.Series(SAME, dtype="Int64"),
        pd.Series(SAME, dtype="Float64"),
        pd.Series(SAME, index=[9, 9, 1, 0], name="age"),
        pd.Series(SAME)[[0, 1, 2, 3]],
        pd.Series([30, None, 30, 7], dtype=pd.CategoricalDtype([7, 30])),
        pd.Series([30, None, 30, 7], dtype=pd.CategoricalDtype([30, 7], ordered=True)),
        iter(SAME),
    ],
)
def test_a_column_in_every_form(column):
    assert inputs.column("ages", column) == SAME


@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_a_column_of_texts(dtype):
    assert inputs.column("names", pd.Series(["Zoë", None, "b"], dtype=dtype)) == ["Zoë", None, "b"]
    assert inputs.column("names", pd.Series(["Zoë", None, "b"], dtype=dtype)[::-1]) == ["b", None, "Zoë"]


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_a_column_of_dates(unit):
    dates = pd.Series(pd.to_datetime(["2016-01-02", None])).astype(f"datetime64[{unit}]")
    assert inputs.column("born", dates) == [datetime.datetime(2016, 1, 2), None]
    assert inputs.column("born", dates.to_numpy()) == [datetime.datetime(2016, 1, 2), None]


def test_one_row_and_none_and_what_is_no_column():
    assert inputs.column("a", [1]) == [1] and inputs.column("a", []) == []
    for wrong, says in (
        ("text", "a list or a column of values, but the text 'text' was given"),
        (None, "but None was given"),
        (5, "but 5 was given"),
        ({"a": 1}, "but a dict of length 1"),
        (
            pd.DataFrame({"a": [1]}),
            r"a DataFrame of numbers and shape \(1, 1\) was given. Of a table give one column",
        ),
        (b"bytes", "but the bytes b'bytes'"),
    ):
        with pytest.raises(TypeError, match=says):
            inputs.column("a", wrong)


def test_a_table():
    people = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "b"])
    assert inputs.table("people", people, ["a"]) is people
    for wrong, columns, says in (
        (people, "a", r'\["a"\] in place of "a"'),
        (people, ["c"], "people has no column 'c'. There are: a, b, b."),
        (people, ["b"], "several columns called 'b'"),
        (people[:0], ["a"], "people has no rows"),
        (people[:0].T, ["a"], "people has no rows|people has no column"),
    ):
        with pytest.raises(ValueError, match=says):
            inputs.table("people", wrong, columns)
    with pytest.raises(TypeError, match="people must be a DataFrame, but a list of length 1 was given."):
        inputs.table("people", [1])
    numbered = pd.DataFrame([[1, 2]])
    assert inputs.table("people", numbered, [0]) is numbered
    with pytest.raises(ValueError, match="no column 5. There are: 0, 1"):
        inputs.table("people", numbered, [5])


def test_an_array():
    assert inputs.array("x", [[1, 2]], ("m", 2)).tolist() == [[1, 2]]
    assert inputs.array("x", torch.ones(2, requires_grad=True), ("n",)).dtype == float
    for wrong, error, says in (
        ("text", TypeError, "x must be numbers, but the text 'text' was given"),
        ([["5", "6"]], TypeError, "x must be numbers"),
        (np.array([["5", 6]], object), TypeError, "x must be numbers"),
        (np.array([["2016-01-02", "2016-01-03"]], "datetime64[D]"), TypeError, "x must be numbers"),
        ([[1, 2], [3]], TypeError, "x must be numbers"),
        ([1, 2], ValueError, r"x must have shape \(m, 2\) and hold something, but the shape is \(2,\)"),
        ([[1, 2, 3]], ValueError, r"the shape is \(1, 3\)"),
        (np.zeros((0, 2)), ValueError, r"the shape is \(0, 2\)"),
        ([[1, np.nan]], ValueError, "Some of x are missing or infinite"),
        ([[1, 7]], ValueError, "x must lie from 0 to 5, but run from 1 to 7"),
    ):
        with pytest.raises(error, match=says):
            inputs.array("x", wrong, ("m", 2), 0, 5)


def test_choices_texts_and_bytes():
    assert inputs.choice("mode", np.str_("ECB"), ("ECB", "CBC")) == "ECB" and inputs.text("name", "Zoë") == "Zoë"
    for wrong in ("ecb", None, 1, np.array(["ECB", "CBC"])):
        with pytest.raises(ValueError, match="mode must be one of 'ECB', 'CBC', but"):
            inputs.choice("mode", wrong, ("ECB", "CBC"))
    assert inputs.byte_string("m", bytearray(b"ab")) == inputs.byte_string("m", np.array([97, 98], np.uint8)) == b"ab"
    for wrong in ("ab", None, [97, 98], np.array([97.0])):
        with pytest.raises(TypeError, match="m must be bytes, but .* was given. A text becomes bytes"):
            inputs.byte_string("m", wrong)
    with pytest.raises(TypeError, match="name must be a text, but 3 was given"):
        inputs.text("name", 3)


def test_a_path_is_a_text_or_a_path_and_knows_the_home_folder():
    assert inputs.path("folder", "~/a") == inputs.path("folder", Path("~/a")) == Path.home() / "a"
    with pytest.raises(TypeError, match="folder must be a text, but 3 was given"):
        inputs.path("folder", 3)
