"""Run notebooks from a fresh kernel, in order, and store them as they are committed.

    python notebooks/execute.py                     all of them
    python notebooks/execute.py 03_model_inversion  one of them

The figure tagged figure:pin becomes README's picture.
The file is written only if no cell fails. What a reader without a kernel could not use
goes: the state of widgets, run times, the machine's versions.
"""

import base64
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

NOTEBOOKS = Path(__file__).parent
README_PICTURE = NOTEBOOKS.parent / ".github" / "pin.png"
WIDGET = "application/vnd.jupyter.widget-view+json"


def run(notebook):
    """Execute ``notebook`` (a NotebookNode), in place, in the folder of notebooks.

    Raises nbclient's CellExecutionError when a cell fails.
    """
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(NOTEBOOKS)}}
    ).execute()


def tidy(notebook):
    """Remove, in place, what differs from machine to machine. Other metadata stay: a grader's marks, slide types."""
    notebook.metadata |= {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for name in ("execution", "ExecuteTime"):  # when it ran, by JupyterLab and by an extension
            cell.metadata.pop(name, None)
        if not cell.metadata.get("tags", True):
            del cell.metadata["tags"]
        for output in cell.get("outputs", []):
            # A stored widget view has no kernel behind it and would show as an error.
            if WIDGET in output.get("data", {}):
                output.data = nbformat.from_dict({"text/plain": "Run this cell to use the widget."})


def figure_png(notebook, name):
    """The PNG bytes of the figure in the cell tagged figure:NAME, or None where there is none."""
    for cell in notebook.cells:
        if f"figure:{name}" in cell.metadata.get("tags", []):
            return png_of(cell.outputs[-1].data["text/html"])
    return None


def png_of(shown):
    """The PNG bytes of the picture in the HTML of an output."""
    return base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', shown).group(1))


def main(names):
    paths = [NOTEBOOKS / f"{Path(name).stem}.ipynb" for name in names] or sorted(NOTEBOOKS.glob("*.ipynb"))
    if missing := [path.name for path in paths if not path.exists()]:
        sys.exit(f"There is no notebook {missing[0]} in {NOTEBOOKS}.\n\n{__doc__}")
    for path in tqdm(paths, "notebooks run", leave=False, disable=None):  # None: where nobody looks
        notebook = nbformat.read(path, as_version=4)
        start = time.perf_counter()
        run(notebook)
        tidy(notebook)
        nbformat.write(notebook, path)
        if png := figure_png(notebook, "pin"):
            README_PICTURE.write_bytes(png)
        tqdm.write(f"{path.name}: {time.perf_counter() - start:.0f} s, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
