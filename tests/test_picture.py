"""Figures carry their text alternative, charts their numbers in words, and colours that all can tell apart."""

import ast
import io
import itertools
import re
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers import picture

HELPERS = Path(picture.__file__).parent


@pytest.fixture
def chart():
    return picture.bars({"guess": 0.27, "line": 0.1}, "Errors", "MSE", baselines=["guess"])


def test_a_picture_shows_itself_with_its_alt_text(chart):
    page = chart._repr_html_()
    assert chart.png.startswith(b"\x89PNG") and 'src="data:image/png;base64,' in page
    assert 'alt="Errors. MSE: guess 0.27; line 0.1."' in page
    assert repr(chart) == "[Figure: Errors. MSE: guess 0.27; line 0.1.]"


def test_alt_text_is_one_line():
    assert picture.bars({"a": 1}, "Two\nlines", "x").alt == "Two lines. x: a 1."


@pytest.mark.filterwarnings("error")
def test_a_script_that_the_font_lacks_is_drawn_without_a_warning():
    assert "漢字" in picture.bars({"漢字": 0.27, "line": 0.1}, "漢字", "MSE").alt


def test_a_long_title_stays_on_the_page():
    title = "Uneven strengths hide, most of all in the trained directions"
    for page in (
        picture.bars({"trained, strengths as untrained": 1.0}, title, "error"),
        picture.bars({"a": 1}, "b", "c"),
    ):
        pixels = np.asarray(Image.open(io.BytesIO(page.png)).convert("L"))
        assert (pixels[:, -2:] > 250).all()


def test_alt_text_is_escaped():
    assert "<script>" not in picture.bars({'"><script>': 1}, "Title", "x")._repr_html_()


def test_every_chart_states_its_numbers_in_words(chart):
    table = pd.DataFrame({"read": [91.0], "found": [2.0]}, ["cut"])
    for drawn, words in (
        (chart, "guess 0.27"),
        (picture.paired_bars(table, "Title", "%"), "cut: read 91, found 2"),
        (picture.stacked_bars(table, "Title", "%"), "cut: read 91.0, found 2.0"),
        (picture.curves(table, "Title", "x", "y", [(3, "guess")]), "read: cut 91; found: cut 2"),
    ):
        assert words in drawn.alt


@pytest.mark.parametrize(("draw", "most"), [("paired_bars", 3), ("stacked_bars", 3), ("curves", 5)])
def test_more_series_than_a_chart_can_show_are_refused(draw, most):
    labels = ["Title", "x", "y"] if draw == "curves" else ["Title", "x"]
    table = pd.DataFrame(np.ones((2, most + 1)), columns=[f"column {i}" for i in range(most + 1)])
    assert f"column {most - 1}" in getattr(picture, draw)(table.iloc[:, :most], *labels).alt
    with pytest.raises(ValueError, match=rf"can show {most} series.*but {most + 1} were given.*column {most}\."):
        getattr(picture, draw)(table, *labels)


@pytest.mark.parametrize(
    ("index", "places", "scale"),
    [
        ([1, 2, 3, 8], [1, 2, 3, 8], "linear"),
        ([50, 100, 1600], [50, 100, 1600], "log"),
        ([0, 5, 100], [0, 5, 100], "linear"),
        (["none", "a", "b"], [0, 1, 2], "linear"),
    ],
)
def test_numbers_stand_where_they_belong_on_the_axis(index, places, scale, monkeypatch):
    seen = []
    monkeypatch.setattr(picture, "Picture", lambda fig, alt: seen.append(fig.axes[0]))
    picture.curves(pd.DataFrame({"line": range(len(index))}, index), "Title", "x", "y", marked=index[1])
    (axes,) = seen
    assert list(axes.get_xticks()) == places and axes.get_xscale() == scale
    assert list(axes.lines[0].get_xdata()) == places and axes.lines[-1].get_xdata()[0] == places[1]


def test_drawing_leaves_no_trace_in_matplotlib(chart):
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == [] and matplotlib.rcParams["axes.titleweight"] == "normal"


def test_a_readers_own_settings_change_no_figure(chart):
    theirs = {"text.usetex": True, "font.size": 40, "axes.facecolor": "black",
              "savefig.dpi": 10, "figure.autolayout": True, "axes.titlelocation": "right"}  # fmt: skip
    with matplotlib.rc_context(theirs):
        again = picture.bars({"guess": 0.27, "line": 0.1}, "Errors", "MSE", baselines=["guess"])
        assert matplotlib.rcParams["font.size"] == 40
    assert again.png == chart.png


def test_a_panel_stands_where_it_was_put_in_inches():
    fig = picture.page(4)
    left, bottom, width, height = picture.panel(fig, 1, 0.5, 2, 3).get_position().bounds
    assert np.allclose([left * picture.WIDTH, bottom * 4, width * picture.WIDTH, height * 4], [1, 0.5, 2, 3])


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
    """(name of a function that draws, the colours that its code names), for all files that draw."""
    named = {name: value for name, value in vars(picture).items() if name.isupper() and str(value).startswith("#")}
    for file in [HELPERS / "picture.py", *HELPERS.glob("*/figures.py")]:
        for function in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(function, ast.FunctionDef):
                nodes = list(ast.walk(function))
                colours = {named[node.id] for node in nodes if isinstance(node, ast.Name) and node.id in named}
                texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
                found = colours | {text for text in texts if re.fullmatch("#[0-9a-fA-F]{6}", text)}
                yield f"{file.parent.name}/{file.stem}.{function.name}", found


def test_the_colours_of_every_lesson_are_looked_at():
    seen = {name.split("/")[0] for name, colours in colours_used_together() if len(colours) > 1}
    assert seen >= {"helpers", "encryption", "reidentification", "inversion", "defences"}


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
