"""Draw what a widget shows in its positions, for the website. Runs in the kernel of a notebook, called by website.py.

A widget of helpers/widgets.py knows how to draw and what controls it has. Where the product of its controls is small,
all positions are drawn. Else all places of each control, while the others stand where they begin, and a grid: two or
more places of each control, as far apart as they go, in all combinations.
"""

import base64
import hashlib
import io
import itertools
import json
import math
import re
from concurrent.futures import ThreadPoolExecutor

import ipywidgets as ipw
from PIL import Image

LIMIT = 128  # positions: how many combinations a page holds of one widget
PLAIN = 60_000  # bytes: a picture that stays above this without loss is noise or a photograph

KINDS = {
    ipw.IntSlider: "slider",
    ipw.SelectionSlider: "slider",
    ipw.ToggleButtons: "buttons",
    ipw.Checkbox: "box",
    ipw.Text: "text",
}


def places(control, texts=()):
    """Where ``control`` can stand, as (label, value) pairs; for a field, what stands there and ``texts``.

    Raises TypeError for a kind of control that the website cannot show.
    """
    if type(control) not in KINDS:
        known = ", ".join(kind.__name__ for kind in KINDS)
        raise TypeError(f"The website cannot show a {type(control).__name__}. It knows: {known}.")
    if isinstance(control, ipw.IntSlider):
        return [(str(number), number) for number in range(control.min, control.max + 1, control.step)]
    if isinstance(control, ipw.Checkbox):
        return [("off", False), ("on", True)]
    if isinstance(control, ipw.Text):
        return [(text, text) for text in dict.fromkeys([control.value, *texts])]
    return list(zip(control._options_labels, control._options_values, strict=True))


def chosen(sizes, start, limit=LIMIT):
    """The positions to draw, as tuples with a place for each control.

    sizes: how many places each control has. start: where each begins. All, if they are at most ``limit``; else rows
    and columns through the start, and a grid of at most ``limit``.
    """
    if math.prod(sizes) <= limit:
        return list(itertools.product(*map(range, sizes)))
    grid, before = [[place] for place in start], None
    while grid != before:
        before = [list(taken) for taken in grid]
        for taken, size in zip(grid, sizes, strict=True):
            free = set(range(size)) - set(taken)
            if free and math.prod(map(len, grid)) // len(taken) * (len(taken) + 1) <= limit:
                taken.append(max(free, key=lambda place: (min(abs(place - other) for other in taken), place)))  # noqa: B023
    rows = [(*start[:i], place, *start[i + 1 :]) for i, size in enumerate(sizes) for place in range(size)]
    return list(dict.fromkeys([*itertools.product(*map(sorted, grid)), *rows]))


def inside(widget, kind):
    """The widgets of that kind in ``widget``, and itself."""
    below = [found for child in getattr(widget, "children", ()) for found in inside(child, kind)]
    return [widget] * isinstance(widget, kind) + below


def smallest(png):
    """(ending, bytes) of a picture, as small as it gets and looking the same; png: its bytes."""
    image, stored = Image.open(io.BytesIO(png)), io.BytesIO()
    image.save(stored, "webp", lossless=True, method=4)
    if min(len(png), stored.tell()) > PLAIN:
        lossy = io.BytesIO()
        image.save(lossy, "webp", quality=80, method=4)
        stored = min(stored, lossy, key=io.BytesIO.tell)
    return ("webp", stored.getvalue()) if stored.tell() < len(png) else ("png", png)


def store(html, folder):
    """``html`` with its pictures in files of ``folder``, named by what they hold; they have a size before they load."""

    def to_file(match):
        png = base64.b64decode(match[1])
        width, height = Image.open(io.BytesIO(png)).size
        ending, data = smallest(png)
        name = f"{hashlib.sha256(png).hexdigest()[:16]}.{ending}"
        (folder / name).write_bytes(data)
        return f'src="frames/{name}" decoding="sync" data-size="{width} {height}"'

    html = re.sub(r'src="data:image/png;base64,([^"]+)"', to_file, html)
    return re.sub(
        r'data-size="(\d+) (\d+)"([^>]*) width="(\d+)"',
        lambda m: f'{m[3].strip()} width="{m[4]}" height="{round(int(m[4]) * int(m[2]) / int(m[1]))}"',
        html,
    )


def draw(widget, folder, name, texts):
    """Draw the positions of ``widget``; write pictures, and all else as ``name``.json, into ``folder``.

    texts: for each field by the name of its control, what is typed there. The JSON has: controls, a list with kind,
    label, places and start; at, from a position such as "0,2" to the number of its frame; frames, a list of HTML and
    of what stands beside the controls; total, how many positions there are in all (null where one can type).
    Raises TypeError for a widget that does not know its positions, RuntimeError for a position that fails.
    """
    if hasattr(widget, "drawing"):  # the drawing pad: it is a page of its own, without a kernel
        return (folder / f"{name}.json").write_text(json.dumps({"pad": True}), encoding="utf-8")
    if not hasattr(widget, "controls"):
        raise TypeError("This widget was not made by explore or stepper, so the website does not know its positions.")
    controls = widget.controls
    options = {key: places(control, texts.get(key, ())) for key, control in controls.items()}
    start = [[value for _, value in options[key]].index(control.value) for key, control in controls.items()]
    sizes = list(map(len, options.values()))
    with ThreadPoolExecutor(2) as pool:
        found = {}
        for position in chosen(sizes, start):
            at = {key: options[key][place] for key, place in zip(controls, position, strict=True)}
            try:
                html = widget.draw(**{key: value for key, (_, value) in at.items()})._repr_html_()
            except Exception as problem:
                where = ", ".join(f"{controls[key].description} = {label}" for key, (label, _) in at.items())
                raise RuntimeError(f"at the position {where}: {type(problem).__name__}: {problem}") from problem
            said = " ".join(label.value for label in inside(widget.children[0], ipw.Label))
            found[position] = pool.submit(store, html, folder), said
        found = {position: (html.result(), said) for position, (html, said) in found.items()}
    frames = list(dict.fromkeys(found.values()))
    number = {frame: i for i, frame in enumerate(frames)}
    typed = any(KINDS[type(control)] == "text" for control in controls.values())
    drawn = {
        "controls": [
            {
                "kind": KINDS[type(control)],
                "label": control.description,
                "places": [label for label, _ in options[key]],
                "start": place,
            }
            for (key, control), place in zip(controls.items(), start, strict=True)
        ],
        "plays": bool(inside(widget, ipw.Play)),
        "at": {",".join(map(str, position)): number[frame] for position, frame in found.items()},
        "frames": frames,
        "total": None if typed else math.prod(sizes),
    }
    (folder / f"{name}.json").write_text(json.dumps(drawn, ensure_ascii=False), encoding="utf-8")
