"""Hand out the exercises of a lesson and have them graded, by nbgrader or by Otter-Grader.

    python notebooks/assign.py nbgrader|otter LESSON FOLDER [--core]

LESSON is a folder of helpers with a notebook: encryption, reidentification, inversion, text or defences. --core leaves
out the notebooks that go further. The tool must be installed beside the pack: nbgrader 0.9, otter-grader 7.

nbgrader: FOLDER becomes a course, to which further lessons can be added. FOLDER/release/LESSON is what students get;
nbgrader autograde, generate_feedback and export, run in FOLDER, do the rest. FOLDER/report.csv says whom to look at.
otter: FOLDER gets a folder a notebook. Its student/ is what students get; otter run or otter grade takes the zip in its
autograder/.

In each exercise the line that calls the check becomes a cell that students cannot change; what is above it is the
answer. Hints stay, solutions leave. An exercise counts one point, or as many as its tag says, such as points:2. When
graded, a notebook runs its opening and the sections with an exercise that counts. What needs the drawing pad does not
count: a picture drawn there is not stored in the notebook.
"""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

PACK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PACK))

from notebooks import lift, minutes, student  # noqa: E402

NEEDS = {"nbgrader": ("nbgrader", '"nbgrader>=0.9.6,<0.10"'), "otter": ("otter", '"otter-grader>=7,<8"')}
SKIP = "otter_ignore"  # Otter's own tag for cells that are not run when graded; nbgrader_config.py knows it, too
RULES = """**This copy is graded.** Write each answer into its cell; you may add cells beside it. Leave the check below
it as it is. Only the opening and the sections with a graded exercise are run then. So an answer uses only names of its
own section and of the opening."""
NO_MARKS = "*This exercise has no marks: what you draw is not stored in the notebook. Do it for yourself.*"


class Exercise(NamedTuple):
    """What a cell tagged exercise is made of."""

    name: str  # of the check: password
    answer: str  # the code in which a student replaces the ...
    check: str  # exercises.check_password(password)
    points: float


def exercise(cell):
    """The Exercise in a cell; None for another cell, or for an exercise that the drawing pad is needed for.

    Raises ValueError for one that does not end in a check, or whose points are no number above 0.
    """
    tags = cell.metadata.get("tags", [])
    if "exercise" not in tags or "pad.picture" in cell.source:
        return None
    answer, _, check = cell.source.rstrip().rpartition("\n")
    found = re.fullmatch(r"exercises\.check_(\w+)\(.*\)", check)
    if not (found and "..." in answer):
        raise ValueError(f"This exercise needs a ... and a last line exercises.check_…(…):\n{cell.source}")
    stated = [tag.removeprefix("points:") for tag in tags if tag.startswith("points:")] or ["1"]
    if len(stated) > 1 or not re.fullmatch(r"\d+(\.\d+)?", stated[0]) or not float(stated[0]):
        raise ValueError(f"Say the points of {found[1]} in one tag, such as points:2, not {', '.join(stated)}.")
    return Exercise(found[1], answer.rstrip(), check, float(stated[0]))


def solution(cell, check):
    """The answer in the solution folded below an exercise, without its check."""
    code = re.search(r"<summary>Solution</summary>\s+```python\n(.*?)\n```", cell.source, re.DOTALL)[1]
    return code.replace(check, "").rstrip()


def without_solution(source):
    return re.sub(r"<details><summary>Solution</summary>.*?</details>\s*", "", source, flags=re.DOTALL).rstrip()


def handed_out(notebook, cells_of, without_ai=False):
    """A copy of ``notebook`` to hand out: no outputs, no solutions, and what is not run when graded is tagged.

    cells_of: gives the cells that an Exercise becomes, from it, its cell and the one with its solution.
    without_ai: as in student.cleared.
    """
    notebook = nbformat.reads(student.cleared(json.dumps(notebook), without_ai), as_version=4)
    needed = minutes.parts_with(notebook, exercise)
    for number, cell in enumerate(notebook.cells):
        if number not in needed and cell.cell_type == "code":
            cell.metadata.setdefault("tags", []).append(SKIP)
    made, names = [], []
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if found := exercise(cell):
            names.append(found.name)
            made += cells_of(found, cell, below)
            continue
        if "exercise" in cell.metadata.get("tags", []):
            made.append(new_markdown_cell(NO_MARKS))
        made.append(cell)
    if len(set(names)) < len(names):
        raise ValueError(f"Each exercise of a notebook needs a check of its own, but these are: {', '.join(names)}.")
    for cell in made:
        if cell.cell_type == "markdown":
            cell.source = without_solution(cell.source)
    # Links to the ungraded notebook, and to files that are not handed out, go.
    made[0].source = re.sub(r"\A.*?(?=^# )", "", made[0].source, flags=re.DOTALL | re.MULTILINE)
    made[0].source = re.sub(r"\[([^\]]+)\]\((?!http)[^)]+\)", r"\1", made[0].source)
    notebook.cells = [made[0], new_markdown_cell(RULES), *made[1:]]
    return notebook


def for_nbgrader(found, cell, below):
    """The answer's cell and the check's. nbgrader shows a student the message of the assertion that failed."""
    common = {"schema_version": 3, "cell_type": "code", "task": False}
    answer, check = copy.deepcopy(cell), new_code_cell(id=f"{cell.id[:50]}-check")
    answer.source = found.answer
    answer.metadata["nbgrader"] = common | {
        "grade_id": found.name, "grade": False, "solution": True, "locked": False
    }  # fmt: skip
    check.source = f"verdict = {found.check}\nassert verdict.right, verdict.message\nprint(verdict)"
    check.metadata["nbgrader"] = common | {
        "grade_id": f"{found.name}-check", "grade": True, "solution": False, "locked": True, "points": found.points
    }  # fmt: skip
    return [answer, check]


def for_otter(found, cell, below):
    """The cells of one question in the format that otter assign reads: solution, prompt and test."""
    given = sorted(set(re.findall(r"\b[A-Za-z_]\w*\b(?!\s*=[^=])", re.sub(r"\.\w+", "", found.check))))
    answer = copy.deepcopy(cell)
    # Otter checks here, even where a student deleted the check: not at the end, when names have other values.
    answer.metadata["otter"] = {"tests": [found.name]}
    answer.source = "\n".join([
        "# BEGIN SOLUTION NO PROMPT", solution(below, found.check), "# END SOLUTION",
        '""" # BEGIN PROMPT', found.answer, '""" # END PROMPT',
    ])  # fmt: skip
    test = f"def test_{found.name}({', '.join(given)}):\n    verdict = {found.check}\n"
    test += "    assert verdict.right, verdict.message"
    return [
        new_raw_cell(f"# BEGIN QUESTION\nname: {found.name}\npoints: {found.points:g}"),
        new_raw_cell("# BEGIN SOLUTION"), answer, new_raw_cell("# END SOLUTION"),
        new_raw_cell("# BEGIN TESTS"), new_code_cell(test), new_raw_cell("# END TESTS"),
        new_raw_cell("# END QUESTION"),
    ]  # fmt: skip


def write(notebook, path, pack, helpers):
    """Write ``notebook``, and the files ``helpers`` beside it, so that it finds them wherever it is run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    for file in helpers:
        copied = path.parent / file.relative_to(pack)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copied)


def sources(notebooks, helpers):
    """The Python code that ``notebooks`` and the files ``helpers`` run."""
    return [*map(lift.code, notebooks), *(lift.read(path) for path in helpers if path.suffix == ".py")]


def run(folder, *arguments):
    """Run a tool of this Python's environment in ``folder``. Raises RuntimeError with what it said if it fails."""
    got = subprocess.run([sys.executable, "-m", *map(str, arguments)], cwd=folder, capture_output=True, text=True)
    if got.returncode:
        raise RuntimeError(f"{arguments[0]} failed:\n{got.stdout[-5000:]}{got.stderr[-5000:]}")


def nbgrader(lesson, notebooks, folder, pack):
    """Add ``lesson`` to the course in ``folder``, and generate what students get."""
    config, ours = folder / "nbgrader_config.py", pack / "notebooks" / "nbgrader_config.py"
    if config.exists() and config.read_bytes() != ours.read_bytes():
        raise ValueError(f"{config} is not this pack's. Nothing was written: give the name of a new folder.")
    if (folder / "source" / lesson).exists() or folder.exists() and any(folder.iterdir()) and not config.exists():
        raise ValueError(f"{folder} holds something already. Nothing was written: give the name of a new one.")
    ready = [(path.name, handed_out(nbformat.read(path, as_version=4), for_nbgrader, student.without_ai(pack)))
             for path in notebooks]  # fmt: skip
    helpers = lift.helpers_of(notebooks, pack)
    for name, notebook in ready:
        write(notebook, folder / "source" / lesson / name, pack, helpers)
    needed = lift.requirements(lift.read(pack / "requirements.txt"), sources(notebooks, helpers))
    (folder / "source" / lesson / "requirements.txt").write_text(needed, encoding="utf-8", newline="\n")
    shutil.copy(ours, config)
    run(folder, "nbgrader", "generate_assignment", lesson)


def otter(lesson, notebooks, folder, pack):
    """Write a folder of ``folder`` for each notebook: what students get, and what grades it."""
    folder = student.new_folder(folder)
    helpers = lift.helpers_of(notebooks, pack)
    settings = {
        "name": None, "tests": {"ok_format": False}, "check_all_cell": False, "show_question_points": True,
        "export_cell": {"pdf": False}, "requirements": lift.requirements(lift.read(pack / "requirements.txt"),
        sources(notebooks, helpers)).splitlines(), "files": [path.relative_to(pack).as_posix() for path in helpers],
    }  # fmt: skip
    ready = [(path.name, handed_out(nbformat.read(path, as_version=4), for_otter, student.without_ai(pack)))
             for path in notebooks]  # fmt: skip
    for name, notebook in ready:
        place, settings["name"] = folder / Path(name).stem, Path(name).stem
        # JSON is YAML.
        notebook.cells.insert(0, new_raw_cell(f"# ASSIGNMENT CONFIG\n{json.dumps(settings)}"))
        write(notebook, place / "master" / name, pack, helpers)
        run(place / "master", "otter", "assign", name, "..")


def assign(tool, lesson, folder, core=False, pack=PACK):
    """Hand out ``lesson`` into ``folder`` with ``tool``, nbgrader or otter; ``core`` leaves out what goes further.

    Returns the names of exercises without marks. Raises ValueError for an unknown tool or lesson, a folder that holds
    something, or an exercise that cannot be split; RuntimeError where the tool fails or is not installed.
    """
    tools, known = {"nbgrader": nbgrader, "otter": otter}, lift.lessons(pack)
    if tool not in tools:
        raise ValueError(f"There is no tool {tool!r}. There are: {', '.join(tools)}.")
    if lesson not in known:
        raise ValueError(f"There is no lesson {lesson!r}. There are: {', '.join(known)}.")
    folder = student.beside(folder, pack)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file. Nothing was written: give the name of a new folder.")
    module, package = NEEDS[tool]
    if subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode:
        raise RuntimeError(f"{tool} is not installed here. Install it beside the pack: pip install {package}")
    notebooks = [path for path in known[lesson] if path.stem[2] == "_" or not core]
    tools[tool](lesson, notebooks, folder, pack)
    cells = [cell for path in notebooks for cell in nbformat.read(path, as_version=4).cells]
    return [re.search(r"exercises\.check_(\w+)", cell.source)[1] for cell in cells
            if "exercise" in cell.metadata.get("tags", []) and not exercise(cell)]  # fmt: skip


def main(arguments):
    core = "--core" in arguments
    arguments = [argument for argument in arguments if argument != "--core"]
    if len(arguments) != 3 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__)
    try:
        without = assign(*arguments, core=core)
    except (ValueError, RuntimeError) as problem:
        sys.exit(str(problem))
    tool, lesson, folder = arguments
    handed = f"{folder}/release/{lesson}" if tool == "nbgrader" else f"the folders student in {folder}"
    print(f"What students get is in {handed}.")
    if without:
        print(f"Without marks, since they need the drawing pad: {', '.join(without)}.")


if __name__ == "__main__":
    main(sys.argv[1:])
