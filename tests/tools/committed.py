"""The committed notebooks (those of lessons, and the one of challenges), and how their cells are marked."""

import re
from pathlib import Path

PACK = Path(__file__).parents[2]
NOTEBOOKS = sorted((PACK / "notebooks").glob("[0-9]*.ipynb"))
CHALLENGE = PACK / "notebooks" / "challenge.ipynb"  # belongs to no lesson
CORES = {path.stem[:2]: path for path in NOTEBOOKS if path.stem[2] == "_"}  # the core notebook of each lesson
FURTHER = {
    lesson: [path for path in NOTEBOOKS if path.stem[:2] == lesson and path not in CORES.values()] for lesson in CORES
}


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell):
    return cell.metadata.get("tags", [])


def solution(cell):
    """The code in the markdown cell below an exercise, which goes into the exercise's cell."""
    return re.search(r"<summary>Solution</summary>\s+```python\n(.*?)\n```", cell.source, re.DOTALL).group(1)
