"""Each notebook without a network, with all solutions pasted in, and every control of its widgets in every position.

Every exercise runs first as it stands, and its "Not yet" is compared with what is stored,
like all cells tagged nbval-check-output. With --as-on-colab it runs from a clone in an empty folder.
"""

import copy as copies

import nbformat
import on_colab
import pytest
import running
from committed import PACK, solution, tags

pytestmark = pytest.mark.slow

SWEEP = f"""
import sys
_shown = _
sys.path.insert(0, {str(PACK / "tests" / "tools")!r})
import sweep
print(sweep.sweep(_shown))
"""


@pytest.fixture
def place(request, copy, content, tmp_path, path):
    """The notebook, the folder it runs in, variables of its environment, and how it may reach out."""
    if not request.config.getoption("--as-on-colab"):
        return nbformat.read(path, as_version=4), PACK / "notebooks", {}, []
    on_colab.publish(copy)
    notebook = nbformat.read(copy / "notebooks" / path.name, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(on_colab.PRETEND))
    return notebook, content, on_colab.internet(tmp_path, copy), ["runs git clone"]


def test_solved_without_a_network_and_every_widget_swept(place, notebook):
    whole, folder, environment, allowed = place
    solved = []
    for cell, below in zip(whole.cells, [*whole.cells[1:], None], strict=True):
        solved.append(cell)
        if "exercise" in tags(cell):
            solved.append(nbformat.v4.new_code_cell(solution(below), metadata={"tags": ["solution"]}))
        if "widget" in tags(cell):
            solved.append(nbformat.v4.new_code_cell(SWEEP, metadata={"tags": ["sweep"]}))
    whole.cells = solved
    stored = copies.deepcopy(solved)
    lacking = on_colab.lacks() - on_colab.needed(notebook)
    attempts = running.offline(whole, folder, lacking, environment)
    assert [attempt for attempt in attempts if not attempt.startswith(tuple(allowed))] == []
    assert len(attempts) == len(allowed)
    if not allowed:  # Colab's older versions warn of what is to come
        warned = [
            output.text for cell in solved for output in cell.get("outputs", []) if output.get("name") == "stderr"
        ]
        assert warned == []
    for before, cell in zip(stored, solved, strict=True):
        if "solution" in tags(cell):
            verdict = running.shown(cell)[-1]
            assert verdict.startswith("Right. "), f"{cell.source}\n{verdict}"
        if "sweep" in tags(cell):
            assert int(cell.outputs[-1].text) > 1
        if "nbval-check-output" in tags(cell):
            assert running.shown(cell) == running.shown(before), cell.source
