"""Each notebook with all solutions pasted in, and every control of its widgets in every position.

The notebooks as they stand, with empty exercises, are run by nbval: their cells are
tagged nbval-check-output, so "Not yet" is compared too.
"""

from pathlib import Path

import nbformat
import pytest
from test_notebook_rules import solution, tags

from notebooks import execute

pytestmark = pytest.mark.slow

SWEEP = f"""
import sys
_shown = _
sys.path.insert(0, {str(Path(__file__).parent)!r})
import sweep
print(sweep.sweep(_shown))
"""


def test_solutions_are_right_and_widgets_answer_everywhere(notebook):
    solved = []
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        solved.append(cell)
        if "exercise" in tags(cell):
            cell.source = solution(below)
        if "widget" in tags(cell):
            solved.append(nbformat.v4.new_code_cell(SWEEP, metadata={"tags": ["sweep"]}))
    notebook.cells = solved
    execute.run(notebook)
    for cell in solved:
        if "exercise" in tags(cell):
            verdict = cell.outputs[-1].data["text/plain"]
            assert verdict.startswith("Right. "), f"{cell.source}\n{verdict}"
        if "sweep" in tags(cell):
            assert int(cell.outputs[-1].text) > 1
