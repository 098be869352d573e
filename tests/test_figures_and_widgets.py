"""Figures carry their alt text; widgets answer at every position and show their errors."""

import re

import ipywidgets
import numpy as np
import pandas as pd
import pytest
import sweep
import torch

from helpers import figures, splitnn, widgets


@pytest.fixture(scope="module")
def frames():
    pictures = torch.linspace(-1, 1, 3 * 784).reshape(3, 784)
    return [figures.handwriting({"a": pictures[: i + 1]}, f"Title {i}") for i in range(3)]


def test_a_picture_shows_itself_with_its_alt_text(frames):
    page = frames[0]._repr_html_()
    assert frames[0].png.startswith(b"\x89PNG") and 'src="data:image/png;base64,' in page
    assert re.search(r'alt="Title 0\. Rows of 1 handwritten pictures: a\."', page)
    assert repr(frames[0]).startswith("[Figure: Title 0")


def test_alt_text_is_escaped():
    picture = figures.handwriting({'"><script>': torch.zeros(1, 784)}, "Title")
    assert "<script>" not in picture._repr_html_()


def test_every_figure_states_its_numbers_in_words():
    checkpoints = [splitnn.Checkpoint(step, 0.1, torch.zeros(4, 784)) for step in (0, 5)]
    drawn = {
        "400 are zero": figures.message(torch.cat([torch.zeros(400), torch.ones(100)]), "Sent"),
        "error on her digits is 1.000": figures.training(checkpoints, 1, torch.ones(4, 784)),
        "guess 0.27": figures.bars({"guess": 0.27, "line": 0.1}, "Errors", "MSE", baselines=["guess"]),
        "trained: 150 of 500": figures.active_units({"trained": np.array([100, 200])}, "Units"),
        "cut: read 91, found 2": figures.paired_bars(pd.DataFrame({"read": [91], "found": [2]}, ["cut"]), "T", "%"),
    }
    for words, picture in drawn.items():
        assert words in picture.alt


def test_drawing_leaves_no_trace_in_matplotlib(frames):
    import matplotlib
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == [] and matplotlib.rcParams["axes.titleweight"] == "normal"


def test_the_stepper_steps_by_slider_and_buttons_and_stops_at_its_ends(frames):
    stepper = widgets.stepper(frames, ["first", "second", "third"])
    slider = next(control for control in sweep.controls_of(stepper) if isinstance(control, ipywidgets.IntSlider))
    previous, following = sweep.buttons_of(stepper)
    assert sweep.sweep(stepper) >= 3
    slider.value = 0
    previous.click()
    assert slider.value == 0
    for expected in (1, 2, 2):
        following.click()
        assert slider.value == expected
    view, where = sweep.shown(stepper)[::-1][0], sweep.shown(stepper)[0]
    assert view == frames[2]._repr_html_() and where == "third (3 of 3)"


@pytest.mark.parametrize(("frames", "labels"), [([], []), ([1, 2], ["one"])])
def test_a_stepper_needs_a_label_a_frame(frames, labels):
    with pytest.raises(ValueError, match="one label each"):
        widgets.stepper(frames, labels)


def test_explore_draws_each_position_once_and_again_from_memory(frames):
    drawn = []

    def draw(number, bold):
        drawn.append((number, bold))
        return frames[number if bold else 0]

    number = ipywidgets.IntSlider(max=2, description="Number")
    bold = ipywidgets.Checkbox(description="Bold")
    explorer = widgets.explore(draw, number=number, bold=bold)
    for value in (1, 2, 0, 1):
        number.value = value
    assert drawn == [(0, False), (1, False), (2, False)]
    bold.value = True
    assert sweep.shown(explorer) == [frames[1]._repr_html_()]


def test_an_error_in_a_widget_is_shown_and_raised(frames):
    def draw(number):
        return frames[number]

    number = ipywidgets.IntSlider(max=5, description="Number")
    explorer = widgets.explore(draw, number=number)
    with pytest.raises(IndexError):
        number.value = 5
    assert "IndexError" in sweep.shown(explorer)[0]
    number.value = 1
    assert "IndexError" not in sweep.shown(explorer)[0]


def test_the_sweep_finds_a_control_that_does_nothing(frames):
    dead = widgets.explore(lambda number: frames[0], number=ipywidgets.IntSlider(max=2, description="Dead"))
    with pytest.raises(AssertionError, match="Dead changes nothing"):
        sweep.sweep(dead)
