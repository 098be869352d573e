"""Put every control of a widget in every position. Runs in the kernel of a notebook under test."""

import itertools
import random

import ipywidgets as ipw


def controls_of(widget):
    """All widgets inside ``widget`` (or itself) that a reader can move."""
    inside = [widget, *(part for child in getattr(widget, "children", ()) for part in controls_of(child))]
    return list({id(part): part for part in inside if positions(part) is not None}.values())


def positions(control):
    """Every value that a reader can give to ``control``; None where it takes none."""
    if isinstance(control, ipw.Play):
        return None  # linked to a slider in the browser
    if isinstance(control, (ipw.IntSlider, ipw.BoundedIntText)):
        return list(range(control.min, control.max + 1, control.step))
    if isinstance(control, (ipw.FloatSlider, ipw.FloatLogSlider, ipw.BoundedFloatText)):
        raise TypeError("Use a SelectionSlider: positions of a float slider cannot be counted.")
    if isinstance(control, ipw.SelectMultiple):
        return [(value,) for value in control._options_values]
    if hasattr(control, "_options_values"):
        return list(control._options_values)
    if isinstance(control, ipw.Checkbox | ipw.ToggleButton):
        return [False, True]
    if isinstance(control, ipw.Text):  # anything may be typed: what stands there, nothing, and a long line
        return list(dict.fromkeys([control.value, "", "a", "é 漢字 <b>" * 20]))
    return None


def buttons_of(widget):
    inside = [widget] if isinstance(widget, ipw.Button) else []
    return inside + [button for child in getattr(widget, "children", ()) for button in buttons_of(child)]


def shown(widget):
    """What a reader sees below the controls."""
    inside = [widget.value] if isinstance(widget, ipw.HTML | ipw.Label) else []
    return inside + [text for child in getattr(widget, "children", ()) for text in shown(child)]


def sweep(widget):
    """Move everything and return the number of positions tried.

    An error in a callback is raised here. Raises AssertionError for a control without a
    description, or one that never changes what is shown.
    """
    if hasattr(widget, "drawing"):  # the pad's controls are in the browser: tests/inversion/test_pad.py moves them
        drawing, before = widget.drawing, widget.picture
        widget.drawing = [0] * 784
        assert (widget.picture == -1).all() and (before != -1).any()
        widget.drawing = drawing
        return 2
    controls = controls_of(widget)
    assert controls, "a widget without a control"
    start = [control.value for control in controls]
    tried = 0
    for control, value in zip(controls, start, strict=True):
        assert control.description, f"{type(control).__name__} has no description"
        seen = set()
        for position in positions(control):
            control.value = position
            seen.add(str(shown(widget)))
            tried += 1
        control.value = value
        assert len(seen) > 1, f"{control.description} changes nothing"
    together = list(itertools.product(*map(positions, controls))) if len(controls) < 4 else None
    if together is None or len(together) > 60:
        random.seed(0)
        together = [tuple(random.choice(positions(control)) for control in controls) for _ in range(60)]
    for values in together:
        for control, value in zip(controls, values, strict=True):
            control.value = value
        tried += 1
    for control, value in zip(controls, start, strict=True):
        control.value = value
    for button in buttons_of(widget):
        assert button.description or button.tooltip
        button.click()
    return tried
