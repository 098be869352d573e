"""The widgets of a notebook on the website: run it, keep what was drawn, write plain HTML controls around it.

What was drawn is kept in CACHE, by a hash of all that it was drawn from; what a notebook had there before goes.
"""

import hashlib
import html
import importlib.metadata
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

PACK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PACK))

from notebooks import lift, minutes  # noqa: E402

CACHE = Path("~/.cache/failures-in-data-privacy/website").expanduser()
# Gives no name to the notebook, whose own names must stay.
DRAW = """__import__("sys").path.insert(0, {pack!r})
__import__("notebooks.positions").positions.draw(
    _, __import__("pathlib").Path({folder!r}), {name!r}, {texts!r})
"""


def tagged(cell):
    return cell.cell_type == "code" and "widget" in cell.metadata.get("tags", [])


def sources(path, pack):
    """A hash of all that a notebook's widgets are drawn from: its code, what it imports, and versions of packages."""
    made_of = hashlib.sha256((pack / "notebooks" / "positions.py").read_bytes())
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            made_of.update(repr((cell.id, cell.source, tagged(cell), cell.metadata.get("typed"))).encode())
    for file in lift.helpers_of([path], pack):
        made_of.update(file.name.encode() + file.read_bytes())
    needed = re.findall(r"^[\w-]+", (pack / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    installed = {package.name.lower(): package.version for package in importlib.metadata.distributions()}
    versions = [(name, installed.get(name)) for name in needed]
    made_of.update(repr((platform.python_version(), versions)).encode())
    return made_of.hexdigest()[:16]


def drawn(path, pack=PACK, cache=None):
    """The folder with what the widgets of the notebook at ``path`` show, drawn now unless it is kept.

    It holds pictures, and a JSON file for each cell with a widget: see positions.draw. cache: CACHE by default.
    Raises ValueError, which names the cell, where a cell or a position fails.
    """
    cache = cache or CACHE
    kept = cache / f"{path.stem}-{sources(path, pack)}"
    if kept.is_dir():
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        fresh = Path(name) / "fresh"
        fresh.mkdir()
        run(path, pack, fresh)
        for old in cache.glob(f"{path.stem}-*"):
            shutil.rmtree(old, ignore_errors=True)
        os.replace(fresh, kept)
    return kept


def run(path, pack, folder):
    """Run the opening and the sections with widgets in a fresh kernel; draw each widget into ``folder``.

    Sections run alone: of the others the page shows what is stored.
    """
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": str(pack / "notebooks")}}
    client = NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources)
    client.reset_execution_trackers()
    with client.setup_kernel():
        for index in minutes.parts_with(notebook, tagged):
            cell = notebook.cells[index]
            execute(client, cell, index, f"{path.name}, cell {cell.id}")
            if tagged(cell):
                texts = cell.metadata.get("typed", {})
                code = DRAW.format(pack=str(pack), folder=str(folder), name=cell.id, texts=dict(texts))
                draw = nbformat.v4.new_code_cell(code)
                notebook.cells.insert(index, draw)  # nbclient looks cells up by their number
                execute(client, draw, index, f"{path.name}, the widget of cell {cell.id}", store_history=False)
                del notebook.cells[index]


def execute(client, cell, index, where, **how):
    try:
        client.execute_cell(cell, index, **how)
    except CellExecutionError as problem:
        raise ValueError(f"{where}: {problem.ename}: {problem.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as problem:  # too slow, or out of memory
        raise ValueError(f"{where}: {problem}") from None


# --- what stands on the page --------------------------------------------------

WITHOUT = (
    '<p class="without">This widget needs a newer browser, with JavaScript. The picture below shows one position.</p>'
)
PAD = (
    '<iframe class="pad" src="../slides/draw.html#pad" title="The drawing pad: draw a digit, and see what an attacker '
    'redraws" loading="lazy"></iframe>'
)


def one_control(spec, name):
    """The HTML of a control; spec: from positions.draw. name: of its group of buttons."""
    label, start = html.escape(spec["label"]), spec["start"]
    places = [html.escape(place) for place in spec["places"]]
    if spec["kind"] == "buttons":
        buttons = "".join(
            f'<label><input type="radio" name="{name}" value="{i}"{" checked" * (i == start)}>{place}</label>'
            for i, place in enumerate(places)
        )
        return f'<fieldset class="control"><legend>{label}</legend>{buttons}</fieldset>'
    field = {
        "slider": f'type="range" max="{len(places) - 1}" value="{start}" aria-valuetext="{places[start]}"',
        "box": f'type="checkbox"{" checked" * start}',
        "text": f'type="text" value="{places[start]}" autocomplete="off" spellcheck="false"',
    }[spec["kind"]]
    parts = [f'<span class="name">{label}</span>', f"<input {field}>"]
    if spec["kind"] == "box":
        parts.reverse()
    output = f"<output>{places[start]}</output>" * (spec["kind"] == "slider")
    return f'<div class="control {spec["kind"]}"><label>{"".join(parts)}</label>{output}</div>'


def left_out(drawn):
    """What the page says of positions that were not drawn, or nothing."""
    if drawn["total"] is None:
        return f"{len(drawn['at'])} texts are on this page; JupyterLab answers any."
    if len(drawn["at"]) == drawn["total"]:
        return ""
    return (
        f"{len(drawn['at'])} of {drawn['total']:,} positions are on this page: each control through all its places "
        "from the start, and combinations that are far apart. All are in JupyterLab."
    )


def widget(drawn, cell):
    """The HTML of a widget. drawn: what positions.draw wrote for it. cell: the id of its cell."""
    if "pad" in drawn:
        return PAD
    if drawn["plays"]:  # a stepper's slider stands at the text beside it
        places = [drawn["frames"][frame][1] for frame in drawn["at"].values()]
        drawn["controls"] = [drawn["controls"][0] | {"places": places}]
    controls = drawn["controls"]
    names = ("Play", "Previous", "Next") if drawn["plays"] else ()
    form = "".join(f'<button type="button" class="{name.lower()}">{name}</button>' for name in names)
    form += "".join(one_control(control, f"{cell}-{i}") for i, control in enumerate(controls))
    note = f'<p class="note">{said}</p>' if (said := left_out(drawn)) else ""
    # The place of the highest picture is kept free: nothing below jumps when it comes.
    sizes = [re.search(r'width="(\d+)" height="(\d+)"', frame) for frame, _ in drawn["frames"]]
    wide, high = max(((int(size[1]), int(size[2])) for size in sizes if size), key=lambda size: size[1] / size[0])
    data = json.dumps({**drawn, "frames": [frame for frame, _ in drawn["frames"]]}, ensure_ascii=False)
    data = data.replace("</", "<\\/")  # nothing in it ends the script
    called = html.escape(", ".join(control["label"] for control in controls))
    return (
        f'<section class="moves" aria-label="Widget: {called}" hidden>'
        f'<form>{form}</form>{note}<p class="moved" role="status"></p>'
        f'<div class="view" style="aspect-ratio: {wide} / {high}; max-width: {wide}px"></div>'
        f'<script type="application/json">{data}</script></section>{WITHOUT}'
    )


def widgets(path, folder, site):
    """{cell id: HTML} of the widgets of the notebook at ``path``; their pictures are put into ``site``/frames."""
    frames = site / "frames"
    frames.mkdir(exist_ok=True)
    for picture in [*folder.glob("*.webp"), *folder.glob("*.png")]:
        shutil.copy(picture, frames)
    found = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("*.json")}
    return {cell: widget(shown, cell) for cell, shown in found.items()}
