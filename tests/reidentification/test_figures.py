"""The figures of *De-anonymisation* state their numbers in words."""

import pandas as pd

from helpers import picture
from helpers.reidentification import figures


def test_figures_state_their_numbers_in_words():
    parts = pd.DataFrame({"right": [60.0, 5], "wrong": [10.0, 20], "none": [30.0, 75]}, ["day", "month"])
    drawn = {
        "month: right 5.0, wrong 20.0": picture.stacked_bars(parts, "Title", "%"),
        "claim “Iona”": figures.suspects(["Iona", "b", "c", "d", "e"], [9, 1, 1, 1, 1]),
        "0.0 σ ahead: no claim": figures.suspects(["Iona", "b", "c"], [0, 0, 0]),
        "Known: a film, $5; another.": figures.suspects(["Iona", "b"], [2, 1], ["a film, $5", "another"]),
        "line: 1 5, 2 7": picture.curves(pd.DataFrame({"line": [5, 7]}, [1, 2]), "Title", "x", "y", [(3, "guess")]),
        "A grid of 4 squares, one a person: 2 green": figures.reconstruction([True, False] * 2, "50 % right"),
    }
    for words, shown in drawn.items():
        assert words in shown.alt
