"""The figures of *Text models* state their numbers in words, and refuse what they cannot show."""

import numpy as np
import pytest

from helpers import text
from helpers.text import figures

READING = text.Reading(np.array([5, 7]), np.array([1, 1]), np.array([1, 0.4, 0]))


def test_figures_say_their_numbers():
    for words, drawn in {
        "3 numbers, 1 of them below zero; the largest magnitude is 0.50": figures.embedding([0.1, -0.5, 0.2], "Kept"),
        "After 0 steps 0.0 % of the vector is explained. Tokens found: none.": figures.pursuit(READING, ["▁a", "b"], 0),
        "After 2 steps 100.0 % of the vector is explained. Tokens found: a, -b.": figures.pursuit(
            READING, ["▁a", "b"], 2
        ),
        "saw her: the true PIN, in orange, has rank 1 of 10,000; the model goes on with “2709.”": figures.ranked_pins(
            {"saw her": (np.where(np.arange(10_000) == 2709, -1.0, -20.0), "2709.")}, 2709, "One"
        ),
    }.items():
        assert words in drawn.alt


def test_pieces_that_look_like_markup_are_shown_as_they_are():
    for piece in ("$", "<b>", "_x^2$", "▁", "\\"):
        page = figures.pursuit(READING, [piece, "a"], 1)._repr_html_()
        assert "<b>" not in page


def test_each_token_needs_its_piece():
    with pytest.raises(ValueError, match="reading's 2 tokens need a piece each, but 1 were given"):
        figures.pursuit(READING, ["a"], 1)
