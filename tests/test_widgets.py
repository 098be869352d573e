"""Widgets answer, remember what they drew, and show their errors."""

import re

import ipywidgets
import pytest
import sweep

from helpers import picture, widgets


@pytest.fixture(scope="module")
def frames():
    return [picture.bars({"a": i + 1}, f"Title {i}", "number") for i in range(3)]


def shows(view, frame):
    """Whether the HTML of a widget shows the frame, whatever else its <img> carries."""
    return re.sub(r' onload="[^"]*"', "", view) == frame._repr_html_()


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
