"""Run the notebooks under other seeds, and under other draws of their data, and list what no longer holds.

    python tests/seeds.py [NOTEBOOK …] [--moves 1000 2000 3000 4000 5000]

Every claim should hold under every seed, and every solution be right: what is printed here is to be mended.
Each notebook runs, solved, once for each number in --moves, which is added to every seed that the notebook and the
helpers set, but for those by which data is drawn and divided; then once more each with those, too.
The exit status is 1 when something fell.
"""

import argparse
import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

TOOLS = Path(__file__).parent / "tools"
sys.path[:0] = [str(TOOLS.parents[1]), str(TOOLS)]

from committed import NOTEBOOKS, PACK, solution, tags  # noqa: E402
from running import TIMEOUT, shown  # noqa: E402

BEFORE = """
import sys
sys.path[:0] = [{pack!r}, {tools!r}]
import moved_seeds
moved_seeds.move({by}, {data})
"""


def fallen(notebook, by, data):
    """What falls in a notebook, which is changed here, when its seeds are moved: a list of texts."""
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        if "exercise" in tags(cell):
            cell.source = solution(below)
    before = BEFORE.format(pack=str(PACK), tools=str(TOOLS), by=by, data=data)
    after = "import json\nprint(json.dumps(moved_seeds.FELL))"
    notebook.cells = [nbformat.v4.new_code_cell(before), *notebook.cells, nbformat.v4.new_code_cell(after)]
    folder = {"metadata": {"path": str(PACK / "notebooks")}}
    NotebookClient(notebook, timeout=TIMEOUT, resources=folder, allow_errors=True).execute()
    found = json.loads(notebook.cells[-1].outputs[0].text)
    for cell in notebook.cells:
        stopped = [o for o in cell.get("outputs", ()) if o.output_type == "error"]
        found += [f"{cell.get('id')} stops: {o.ename}: {o.evalue}" for o in stopped]
        if "exercise" in tags(cell) and not stopped and not shown(cell)[-1].startswith("Right. "):
            found.append(f"{cell.id}, solved: {shown(cell)[-1]}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebook", nargs="*", default=[path.stem for path in NOTEBOOKS], help="the start of its name")
    parser.add_argument("--moves", nargs="+", type=int, default=[1000, 2000, 3000, 4000, 5000])
    asked = parser.parse_args()
    paths = [path for path in NOTEBOOKS if path.stem.startswith(tuple(asked.notebook))]
    if not paths:
        sys.exit(f"No notebook begins with {' or '.join(asked.notebook)}. There are: {[p.stem for p in NOTEBOOKS]}")
    runs = [(path, data, by) for path in paths for data in (False, True) for by in asked.moves]
    fell = {}
    bar = tqdm(runs, "notebooks run", leave=False, disable=None)  # None: where nobody looks
    for number, (path, data, by) in enumerate(bar, 1):
        what = "seeds and data" if data else "seeds"
        tqdm.write(f"run {number} of {len(runs)}: {path.stem}, {what} moved by {by}", file=sys.stderr)
        for text in fallen(nbformat.read(path, as_version=4), by, data):
            fell.setdefault((path.stem, text.split("\n")[0]), []).append((what, by, text))
    for (stem, first), times in fell.items():
        print(f"\n{stem}: fell {len(times)} of {2 * len(asked.moves)} times: {first}")
        for what, by, text in times:
            print(f"  {what} moved by {by}")
            print("\n".join(f"    {line}" for line in text.split("\n")[1:]))
    print(f"\n{len(fell)} claims and solutions fell in {len(runs)} runs of {len(paths)} notebooks.")
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
