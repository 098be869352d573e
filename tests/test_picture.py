"""Figures carry their alt text and colours that all can tell apart; widgets answer and show their errors."""

import ast
import inspect
import itertools
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


def shows(view, picture):
    """Whether the HTML of a widget shows the picture, whatever else its <img> carries."""
    return re.sub(r' onload="[^"]*"', "", view) == picture._repr_html_()


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
    assert shows(view, frames[2]) and where == "third (3 of 3)"


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
    (view,) = sweep.shown(explorer)
    assert shows(view, frames[1])


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


# --- colours ------------------------------------------------------------------

# What is left of linear red, green and blue for people without one of the three kinds of cones.
# G. Machado, M. Oliveira, L. Fernandes. A Physiologically-based Model for Simulation of Color
# Vision Deficiency. IEEE Transactions on Visualization and Computer Graphics 15(6), 2009: severity 1.
VISION = {
    "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [
        [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
    ],
}  # fmt: skip


def difference(one, other, vision):
    """How different two colours look, by CIEDE2000; 1 is just seen where both lie side by side."""
    from skimage.color import deltaE_ciede2000, rgb2lab

    def seen(colour):
        given = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)
        left = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
        return rgb2lab(np.where(left <= 0.0031308, 12.92 * left, 1.055 * left ** (1 / 2.4) - 0.055))

    return float(deltaE_ciede2000(seen(one), seen(other)))


def colours_used_together():
    """{name of a function in figures: the colours that its code names}."""
    named = {name: value for name, value in vars(figures).items() if name.isupper() and str(value).startswith("#")}
    for function in ast.parse(inspect.getsource(figures)).body:
        if isinstance(function, ast.FunctionDef):
            nodes = list(ast.walk(function))
            colours = {named[node.id] for node in nodes if isinstance(node, ast.Name) and node.id in named}
            texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
            yield function.name, colours | {text for text in texts if re.fullmatch("#[0-9a-fA-F]{6}", text)}


@pytest.mark.parametrize("vision", VISION)
def test_colours_of_one_figure_are_told_apart_with_every_kind_of_sight(vision):
    alike = [
        (name, *pair)
        for name, colours in colours_used_together()
        for pair in itertools.combinations(sorted(colours), 2)
        if difference(*pair, vision) < 9
    ]
    assert alike == []


def test_red_and_green_of_one_lightness_would_be_found():
    red, green = "#c44e4e", "#6f8f3a"
    assert difference(red, green, "all cones") > 40 and difference(red, green, "deuteranopia") < 9
    assert difference("#0072b2", "#0072b2", "protanopia") == 0
