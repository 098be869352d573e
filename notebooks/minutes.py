"""How many minutes each notebook and each of its sections takes.

    python notebooks/minutes.py [NOTEBOOK …]

The minutes are computed from the cells: a minute for 150 words outside folded blocks, 0.4 for a code cell (0.25 for
a claim), 4 more for an exercise, and 1.5 more for a widget. The times that a notebook states are held to this.
"""

import re
import sys
from pathlib import Path

import nbformat

NOTEBOOKS = sorted(Path(__file__).resolve().parent.glob("*.ipynb"))


def words(cells):
    """How many words stand in text cells, outside folded blocks."""
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return len(re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL).split())


def minutes(cells):
    """How long ``cells`` take, as a number of minutes."""
    code = [cell for cell in cells if cell.cell_type == "code"]
    tags = [tag for cell in code for tag in cell.metadata.get("tags", [])]
    run = sum(0.25 if cell.source.startswith("claim(") else 0.4 for cell in code)
    return words(cells) / 150 + run + 4 * tags.count("exercise") + 1.5 * tags.count("widget")


def sections(notebook):
    """The notebook's cells by section: a list of (heading, cells). The first, without a heading, is the opening."""
    found = [("Opening", [])]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (heading := re.match(r"## (.+)", cell.source)):
            found.append((heading[1], []))
        found[-1][1].append(cell)
    return found


def parts_with(notebook, wanted):
    """The numbers of the cells in the opening, and in each section with a cell that is ``wanted``, a function.

    They can be run without the others: sections run alone, after the opening.
    """
    found, first = [], 0
    for number, (_, cells) in enumerate(sections(notebook)):
        if number == 0 or any(map(wanted, cells)):
            found += range(first, first + len(cells))
        first += len(cells)
    return found


def stated(heading):
    """The minutes that a heading states, such as *(6 minutes)*; None where it states none."""
    found = re.search(r"\*\((\d+) minutes\)\*", heading)
    return int(found[1]) if found else None


def main(names):
    if unknown := [name for name in names if not any(path.stem.startswith(name) for path in NOTEBOOKS)]:
        sys.exit(f"No notebook's name begins with {unknown[0]}.\n\n{__doc__}")
    for path in [path for path in NOTEBOOKS if path.stem.startswith(tuple(names or [""]))]:
        notebook = nbformat.read(path, as_version=4)
        exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
        print(
            f"{path.stem}: {minutes(notebook.cells):.1f} minutes, {words(notebook.cells):,} words, "
            f"{len(notebook.cells)} cells, {exercises} exercises"
        )
        for heading, cells in sections(notebook):
            print(f"  {minutes(cells):5.1f}  {words(cells):5,} words  {len(cells):3} cells  {heading}")


if __name__ == "__main__":
    main(sys.argv[1:])
