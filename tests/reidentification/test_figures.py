"""The figures of *De-anonymisation* state their numbers in words."""

import numpy as np
import pandas as pd

from helpers import picture
from helpers.reidentification import figures


def test_figures_state_their_numbers_in_words():
    parts = pd.DataFrame({"right": [60.0, 5], "wrong": [10.0, 20], "none": [30.0, 75]}, ["day", "month"])
    columns = ["exposed: other", "exposed: Republican", "by chance", "80 % agree", "loss of detail"]
    anonymity = pd.DataFrame([[20.0, 5, 9, 40, 1], [4.0, 1, 0, 30, 7]], [2, 5], columns)
    curve = pd.Series({50: 60.0, 100: 90.0})
    drawn = {
        "25.0 % are unique; the smallest group has 1": figures.group_histogram(np.array([1, 3, 3, 3]), ["age"]),
        "month: right 5.0, wrong 20.0": picture.stacked_bars(parts, "Title", "%"),
        "k = 5: 5.0 % are exposed, 7.0 % of detail": figures.anonymity(anonymity, 5, "Iona is one of 7."),
        "claim “Iona”": figures.suspects(["Iona", "b", "c", "d", "e"], [9, 1, 1, 1, 1]),
        "0.0 σ ahead: no claim": figures.suspects(["Iona", "b", "c"], [0, 0, 0]),
        "line: 1 5, 2 7": picture.curves(pd.DataFrame({"line": [5, 7]}, [1, 2]), "Title", "x", "y", [(3, "guess")]),
        "100 questions: 50 % of 4 people right": figures.reconstruction([True, False] * 2, curve, 100, 79),
    }
    for words, shown in drawn.items():
        assert words in shown.alt
