"""The figures of *What helps* state their numbers in words; one scale for all."""

import math

import pytest
import torch

from helpers import defences
from helpers.defences import figures


def test_one_scale():
    assert figures.on_one_scale(0.75, 0.5, 1) == 0.5
    assert figures.on_one_scale(-2, -4, 0) == 0.5  # an error: less is more
    assert figures.on_one_scale(9, 0, 1) == 1 and figures.on_one_scale(-9, 0, 1) == 0
    with pytest.raises(ValueError, match="must differ"):
        figures.on_one_scale(1, 2, 2)


def test_figures_say_their_numbers():
    import pandas as pd

    assert "belief to 50%" in figures.two_worlds(math.log(4), 0.2).alt
    right = pd.DataFrame({10: [80.0, 90.0], 800: [79.0, 99.0]}, [1, 100])
    alt = figures.attack_and_error(right, right, right, 100, 800, 79).alt
    assert "ε = 100, 800 questions: 99 % right" in alt and "guess at 79 %" in alt
    table = pd.DataFrame([[90.0, 80.0], [70.0, 60.0]], [0.0, 1.0], [0.0, 2.0])
    assert "reads: 90 without a defence, 60 with the most of both" in figures.grid_tables([table], ["reads"], "T").alt
    grid, pictures = defences.read_grid(), defences.read_grid_pictures()
    assert "Noise 2 in training, NoPeek 1" in figures.grid_cell(grid.loc[19], torch.zeros(4, 784), pictures[19]).alt
    assert "A: one: use 10, privacy 90." in figures.frontiers({"A": {"one": (10, 90)}}, "T").alt
