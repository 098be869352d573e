"""Widgets: thin shells that show a Picture for the position of their controls.

Core ipywidgets only, in the API that versions 7.7 (Colab) and 8 share.
"""

import html

import ipywidgets as ipw

from . import inputs

# Runs in the browser whenever a picture has loaded. ipywidgets tells a screen reader neither what
# a slider, or a button of Play, is called nor which choice is on; of a SelectionSlider it gives
# the number of the place. Where scripts are not allowed, nothing else is lost.
_SPEAK = """
const speak = () => {
  const box = this.closest('.widget-vbox'), put = (e, name, value) => e?.setAttribute('aria-' + name, value);
  const all = (kind, act) => box?.querySelectorAll(kind).forEach(e => act(e, part => e.querySelector(part)));
  put(this.parentElement, 'live', 'polite');
  all('.widget-slider', (_, its) => {
    put(its('[role=slider]'), 'label', its('.widget-label').textContent);
    put(its('[role=slider]'), 'valuetext', its('.widget-readout').textContent);
  });
  all('.widget-play button', (e, its) => put(e, 'label', its('i').className.replace('fa fa-', '')));
  all('.widget-toggle-button', e => put(e, 'pressed', e.classList.contains('mod-active')));
  all('.widget-toggle-buttons', (e, its) => {
    e.setAttribute('role', 'group');
    put(e, 'label', its('.widget-label').textContent);
  });
};
speak();
setTimeout(speak, 1000);
"""  # the second time for controls that appear after the first picture
_PICTURE = f'<img onload="{html.escape(_SPEAK)}" '


def stepper(frames, labels):
    """Step through ready-made pictures: Play, a slider, Previous and Next, all tied together.

    frames: list of Picture. labels: what each frame shows, one text each.
    Returns a widget. Raises ValueError for no frame, or for labels of another number.
    """
    frames, labels = inputs.sequence("frames", frames), inputs.sequence("labels", labels)
    if not frames or len(frames) != len(labels):
        raise ValueError(f"A stepper needs frames and one label each, but got {len(frames)} and {len(labels)}.")
    if strange := [frame for frame in frames if not hasattr(frame, "_repr_html_")]:
        raise TypeError(f"Each frame must be a Picture, but {inputs.described(strange[0])} was given.")
    last = len(frames) - 1
    play = ipw.Play(max=last, interval=700, description="Play", show_repeat=False)
    slider = ipw.IntSlider(max=last, description="Step", readout=False, layout=ipw.Layout(width="16em"))
    previous = ipw.Button(description="Previous", tooltip="One step back", layout=ipw.Layout(width="6em"))
    following = ipw.Button(description="Next", tooltip="One step on", layout=ipw.Layout(width="6em"))
    ipw.jslink((play, "value"), (slider, "value"))
    previous.on_click(lambda _: setattr(slider, "value", max(slider.value - 1, 0)))
    following.on_click(lambda _: setattr(slider, "value", min(slider.value + 1, last)))
    where = ipw.Label()

    def draw(position):
        where.value = f"{labels[position]} ({position + 1} of {len(frames)})"
        return frames[position]

    controls = ipw.HBox([play, previous, following, slider, where], layout=ipw.Layout(flex_flow="row wrap"))
    return _answering(draw, {"position": slider}, controls)


def explore(draw, **controls):
    """Show ``draw(**values)`` for the values of ``controls``, and again whenever one of them changes.

    draw: returns a Picture (or anything with _repr_html_) within 100 ms; what it returned is kept.
    controls: ipywidgets with a value and a description, by the name of draw's argument.
    Returns a widget, with ``draw`` and ``controls`` for whoever wants to try positions, as the website does.
    An error in draw is shown in place of the picture, and raised.
    Raises TypeError for a draw that is no function, or a control that is no widget with a value.
    """
    if not callable(draw):
        raise TypeError(f"draw must be a function that returns a Picture, but {inputs.described(draw)} was given.")
    for name, control in controls.items():
        if not (isinstance(control, ipw.Widget) and control.has_trait("value")):
            raise TypeError(f"{name} must be a widget such as IntSlider, but {inputs.described(control)} was given.")
    for control in controls.values():
        # Otherwise long descriptions are cut, and leave the slider no room.
        control.style.description_width = "initial"
        control.layout.width = "auto"
        control.layout.min_width = "24em"
    panel = ipw.HBox(list(controls.values()), layout=ipw.Layout(flex_flow="row wrap"))
    return _answering(draw, controls, panel)


def _answering(draw, controls, panel):
    view = ipw.HTML()
    kept = {}

    def answer(_=None):
        values = {name: control.value for name, control in controls.items()}
        key = tuple(values.values())
        try:
            if key not in kept:
                kept[key] = draw(**values)._repr_html_().replace("<img ", _PICTURE, 1)
            view.value = kept[key]
        except Exception as error:
            view.value = f"<b>{type(error).__name__}</b>: {error}"
            raise

    for control in controls.values():
        control.observe(answer, "value")
    answer()
    box = ipw.VBox([panel, view])
    box.draw, box.controls = draw, controls
    return box
