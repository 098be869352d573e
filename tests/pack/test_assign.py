"""Exercises handed out and graded by the real nbgrader and Otter-Grader, in an environment of their own."""

import copy
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv

import nbformat
import pytest
from committed import CORES, NOTEBOOKS, PACK, code_cells, tags

from notebooks import assign, minutes

LESSON, CORE = "encryption", CORES["01"]
EXERCISES = ["password", "account_numbers", "match_by_frequency", "four_questions"]
PAD = {"not_redrawn", "unreadable_noise"}
QUICK = 20  # seconds a cell may run here, where no cell that takes long is left


def split(path):
    """The notebook as students of nbgrader get it, and its exercises by name: the Exercise, and the solution."""
    notebook, solved = nbformat.read(path, as_version=4), {}
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if found := assign.exercise(cell):
            solved[found.name] = found, assign.solution(below, found.check)
    return assign.handed_out(notebook, assign.for_nbgrader), solved


def graded(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_one_rule_splits_every_exercise(path):
    stored = nbformat.read(path, as_version=4)
    notebook, solved = split(path)
    count = sum("exercise" in tags(cell) for cell in stored.cells)
    pad = [cell for cell in notebook.cells if "pad.picture" in cell.source and "exercise" in tags(cell)]
    assert len(solved) + len(pad) == count and solved
    assert sum(cell.source == assign.NO_MARKS for cell in notebook.cells) == len(pad)
    for (name, (found, answer)), [given, check] in zip(
        solved.items(), zip(*[iter(graded(notebook).values())] * 2, strict=True), strict=True
    ):
        assert given.metadata.nbgrader.grade_id == name and "..." in given.source and found.check not in given.source
        assert found.check in check.source and check.metadata.nbgrader.locked and found.check not in answer
        compile(f"{given.source}\n{check.source}\n{answer}", name, "exec")
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "<summary>Solution" not in text and text.count("<summary>Hint") >= count
    assert not any(cell.outputs for cell in code_cells(notebook))
    nbformat.validate(notebook)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_only_the_opening_and_sections_with_marks_are_run(path):
    (_, opening), *sections = minutes.sections(split(path)[0])
    assert not any(assign.SKIP in tags(cell) for cell in opening)
    for _, cells in sections:
        code = [cell for cell in cells if cell.cell_type == "code"]
        marks = any("nbgrader" in cell.metadata for cell in code)
        assert all((assign.SKIP in tags(cell)) != marks for cell in code)


def exercise(source, *more):
    return nbformat.v4.new_code_cell(source, metadata={"tags": ["exercise", *more]})


def test_the_opening_leads_to_no_ungraded_copy_and_to_no_file_that_is_missing():
    made = assign.handed_out(nbformat.read(NOTEBOOKS[0], as_version=4), assign.for_nbgrader, without_ai=True)
    assert made.cells[0].source.startswith("# ") and "](" not in made.cells[0].source
    assert made.metadata.colab.generative_ai_disabled is True


def test_points_come_from_a_tag():
    source = "x = ...\nexercises.check_x(x)"
    assert assign.exercise(exercise(source)).points == 1
    assert assign.exercise(exercise(source, "points:2.5")).points == 2.5
    for wrong in (["points:0"], ["points:two"], ["points:1", "points:2"], ["points:-1"]):
        with pytest.raises(ValueError, match="one tag, such as points:2"):
            assign.exercise(exercise(source, *wrong))


def test_what_cannot_be_split_or_handed_out_is_refused(tmp_path):
    for source in ("x = ...", "exercises.check_x(...)", "x = 3\nexercises.check_x(x)", "x = ...\nclaim('A', True)"):
        with pytest.raises(ValueError, match="needs a ... and a last line"):
            assign.exercise(exercise(source))
    assert assign.exercise(nbformat.v4.new_code_cell("x = 1")) is None
    (tmp_path / "mine").write_text("marks")
    for arguments, said in (
        (["moodle", LESSON, tmp_path / "new"], "There is no tool 'moodle'"),
        (["otter", "cooking", tmp_path / "new"], "There is no lesson 'cooking'"),
        (["otter", LESSON, PACK / "out"], "is inside the pack"),
        (["otter", LESSON, tmp_path / "mine"], "is a file"),
    ):
        with pytest.raises(SystemExit, match=said):
            assign.main([str(argument) for argument in arguments])
    with pytest.raises(SystemExit, match="nbgrader|otter LESSON FOLDER"):
        assign.main([])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]


@pytest.fixture(scope="session")
def python(tmp_path_factory):
    """The Python of an environment with both tools, which has all that this one has, too. It is not activated."""
    folder = tmp_path_factory.mktemp("tools")
    venv.create(folder, with_pip=False)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    here, there = sysconfig.get_path("purelib"), sysconfig.get_path("purelib", vars={"base": str(folder)})
    with open(os.path.join(there, "ours.pth"), "w") as file:
        file.write(f"import site; site.addsitedir({here!r})")
    packages = [package.strip('"') for _, package in assign.NEEDS.values()]
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", *packages]
    got = subprocess.run(pip, capture_output=True, text=True)
    assert got.returncode == 0, got.stderr
    return python


def call(python, *arguments, where):
    # Templates of pages lie where this environment is.
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "JUPYTER_PATH": os.path.join(sys.prefix, "share", "jupyter")}
    got = subprocess.run(
        [python, *map(str, arguments)], cwd=where, env=environment, capture_output=True, text=True, timeout=1800
    )
    assert got.returncode == 0, got.stdout[-5000:] + got.stderr[-5000:]
    return got.stdout


def brief(notebook):
    """A student's copy without the code cells that are neither the opening's nor an exercise's: quicker to grade."""
    sections = minutes.sections(notebook)
    notebook.cells = sections[0][1] + [
        cell for _, cells in sections[1:] for cell in cells
        if cell.cell_type != "code" or "nbgrader" in cell.metadata or "exercise" in tags(cell)
    ]  # fmt: skip


def solve(cells, solved, *names):
    for name in names or EXERCISES:
        cells[name].source = solved[name][1]


def delete(notebook, *cells):
    notebook.cells = [cell for cell in notebook.cells if not any(cell is gone for gone in cells)]


def mixed(notebook, cells, solved):
    """An answer given twice; a check changed; an answer kept and its check deleted; an answer split in two."""
    solve(cells, solved)
    copied = nbformat.from_dict({**cells["password"], "id": "copied"})
    cells["password"].source = 'password = "123456"'
    notebook.cells.insert(notebook.cells.index(cells["password"]) + 1, copied)
    cells["account_numbers"].source = "count = 5"
    cells["account_numbers-check"].source = "print('Right.')"
    delete(notebook, cells["match_by_frequency-check"])
    second = nbformat.from_dict({**cells["four_questions"], "id": "second"})
    cells["four_questions"].source = "a, b = 'guess', 'repeats'"
    second.source = 'catches = {"pharmacy": a, "school": b, "cloud drive": "key", "video doctor": "size"}'
    notebook.cells.insert(notebook.cells.index(cells["four_questions"]) + 1, second)


def deleted(notebook, cells, solved):
    """Of two exercises nothing is left; of one, the answer stands in a cell of the student's own."""
    solve(cells, solved)
    for name in ("password", "four_questions"):
        delete(notebook, cells[name], cells.get(f"{name}-check"))  # Otter's checks are gone already
    own = nbformat.v4.new_code_cell(cells["account_numbers"].source)
    notebook.cells[notebook.cells.index(cells["account_numbers"])] = own


def loud(notebook, cells, solved):
    """Runs for ever, prints 100 MB in one line and in many, and warns in the middle of a check."""
    solve(cells, solved)
    cells["password"].source = "while True:\n    time.sleep(1)"
    cells["account_numbers"].source += "\nprint('x' * 50_000_000)"
    cells["four_questions"].source += "\nfor _ in range(50):\n    print('x\\n' * 500_000)"
    cells["match_by_frequency"].source = cells["match_by_frequency"].source.replace(
        "    return", "    import warnings; warnings.warn('slow')\n    return"
    )


def ends(notebook, cells, solved):
    solve(cells, solved)
    cells["account_numbers"].source = "import os\nos._exit(1)"


def stubborn(notebook, cells, solved):
    """Cannot be interrupted."""
    solve(cells, solved)
    never = "while True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass"
    cells["account_numbers"].source = never


def odd(notebook, cells, solved):
    """Metadata that is not nbgrader's, in cells of the student's own; an answer made text, and a check made raw."""
    solve(cells, solved)
    for strange in ("x", {"grade_id": ["x"]}):
        notebook.cells.append(nbformat.v4.new_code_cell("1", metadata={"nbgrader": strange}))
    for name, kind in (("account_numbers", "markdown"), ("four_questions-check", "raw")):
        made = {key: cells[name][key] for key in ("id", "metadata", "source")}
        notebook.cells[notebook.cells.index(cells[name])] = nbformat.from_dict(made | {"cell_type": kind})


def replaces(notebook, cells, solved):
    cells["account_numbers"].source = """from helpers.verdict import Verdict
for name in list(vars(exercises)):
    if name.startswith("check_"):
        setattr(exercises, name, lambda *answers: Verdict(True, "ok"))
count = 0"""


def half(notebook, cells, solved):
    solve(cells, solved, "password", "match_by_frequency")
    cells["account_numbers"].source = "count = 10**6"


# What each student does; then, whether each exercise has its mark, and what the report says.
STUDENTS = {
    "solved": (lambda notebook, cells, solved: solve(cells, solved), [1, 1, 1, 1], []),
    "unsolved": (lambda *_: None, [0, 0, 0, 0], []),
    "half": (half, [1, 0, 1, 0], []),
    "mixed": (mixed, [1, 0, 1, 1], [
        "password: this cell stands 2 times", "account_numbers-check: this check was changed",
        "match_by_frequency-check: this cell was deleted", "four_questions: this cell stands 2 times"]),
    "deleted": (deleted, [0, 1, 1, 0], [
        "password: this cell was deleted", "password-check: this cell was deleted",
        "account_numbers: this cell was deleted", "four_questions: this cell was deleted",
        "four_questions-check: this cell was deleted"]),
    "odd": (odd, [1, 1, 1, 1], [
        "account_numbers: this cell was no code", "four_questions-check: this cell was no code"]),
    # No check in the student's kernel is safe: the report shows this, the marks do not.
    "replaces": (replaces, [0, 1, 1, 1], [
        "replaced before it ran, look at the answers: exercises.check_account_numbers, exercises.check_match_by"]),
    "loud": (loud, [0, 1, 1, 1], [f"a cell ran longer than {QUICK} s: 'while True"]),
    "ends": (ends, [1, 0, 0, 0], ["a cell ended the kernel"]),
    "stubborn": (stubborn, [1, 0, 0, 0], ["a cell could not be interrupted"]),
}  # fmt: skip


@pytest.mark.slow
def test_nbgrader_grades_what_students_do_to_a_notebook(python, tmp_path):
    course = tmp_path / "my course"
    said = call(python, PACK / "notebooks" / "assign.py", "nbgrader", LESSON, course, "--core", where=tmp_path)
    assert f"release/{LESSON}" in said and "drawing pad" not in said
    release = course / "release" / LESSON
    assert [path.name for path in release.glob("*.ipynb")] == [CORE.name]
    solved = split(CORE)[1]
    for name, (change, _, _) in STUDENTS.items():
        folder = course / "submitted" / name / LESSON
        shutil.copytree(release, folder)
        notebook = nbformat.read(folder / CORE.name, as_version=4)
        if name != "solved":
            brief(notebook)
        change(notebook, graded(notebook), solved)
        nbformat.write(notebook, folder / CORE.name)
    # One who brings checks that are always content.
    file = course / "submitted" / "unsolved" / LESSON / "helpers" / "verdict.py"
    file.write_text(file.read_text(encoding="utf-8").replace("Verdict(False", "Verdict(True"), encoding="utf-8")
    # Two whose grading fails: before anything is mended, and after.
    for name in ("early", "late"):
        folder = course / "submitted" / name / LESSON
        folder.mkdir(parents=True)
        notebook = nbformat.read(release / CORE.name, as_version=4)
        wrong = {"language": 5} if name == "early" else {"tags": 5}
        (notebook if name == "early" else notebook.cells[0]).metadata.update(wrong)
        nbformat.write(notebook, folder / CORE.name)
    files = {"broken": LESSON, "deep": f"{LESSON}/{LESSON}", "renamed": LESSON}
    for name, folder in files.items():
        folder = course / "submitted" / name / folder
        folder.mkdir(parents=True)
        (folder / (f"{CORE.stem} (1).ipynb" if name == "renamed" else CORE.name)).write_text("<html>Sign in</html>")

    limits = [f"--Execute.timeout={QUICK}", "--Execute.iopub_timeout=30"]
    with pytest.raises(AssertionError, match="error processing assignment 'encryption' for student 'broken'"):
        call(python, "-m", "nbgrader", "autograde", LESSON, *limits, where=course)
    got = {}
    for name in STUDENTS:
        path = course / "autograded" / name / LESSON / CORE.name
        assert path.stat().st_size < 3_000_000
        cells = graded(nbformat.read(path, as_version=4))
        checks = [cells[f"{exercise}-check"] for exercise in EXERCISES]
        got[name] = [int(not any(output.output_type == "error" for output in check.outputs)) for check in checks]
    assert got == {name: marks for name, (_, marks, _) in STUDENTS.items()}
    call(python, "-m", "nbgrader", "export", where=course)
    with open(course / "grades.csv", newline="") as file:
        scores = {line["student_id"]: float(line["score"]) for line in csv.DictReader(file)}
    assert scores == dict.fromkeys(["broken", "renamed", "early", "late"], 0.0) | {
        name: sum(marks) for name, (_, marks, _) in STUDENTS.items()
    }
    with open(course / "report.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    others = {line["student"]: line["look at"] for line in lines if line["student"] not in STUDENTS}
    assert {name: text[:10] for name, text in others.items()} == {
        "deep": "not handed", "renamed": "not handed",
        "broken": "not graded", "early": "not graded", "late": "not graded",
    }  # fmt: skip
    assert "NotJSONError" in others["broken"]
    for name, (_, _, expected) in STUDENTS.items():
        found = [line["look at"] for line in lines if line["student"] == name]
        assert len(found) == len(expected), (name, found)
        assert all(any(text.startswith(one) for text in found) for one in expected), (name, found)

    call(python, "-m", "nbgrader", "generate_feedback", LESSON, "--student=half", where=course)
    page = (course / "feedback" / "half" / LESSON / f"{CORE.stem}.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", page)
    assert "Right. Her own hint was empty." in text and "AssertionError: It is not 1,000,000. Multiply:" in text


def again(notebook, cells, solved):
    """Some answers are missing, and a name is used again below."""
    solve(cells, solved, "account_numbers", "match_by_frequency")
    notebook.cells.append(nbformat.v4.new_code_cell("count = 5"))


def twice(notebook, cells, solved):
    """An answer given twice, first a wrong one; an answer split in two; 100 MB in one line and in many."""
    solve(cells, solved)
    cells["account_numbers"].source += "\nprint('x' * 50_000_000)\nfor _ in range(50):\n    print('x\\n' * 500_000)"
    for name, first in (("password", 'password = "123456"'), ("four_questions", "a = 'repeats'")):
        second = nbformat.from_dict({**cells[name], "id": f"{name}-2"})
        second.source = second.source.replace("'repeats'", "a")
        cells[name].source = first
        notebook.cells.insert(notebook.cells.index(cells[name]) + 1, second)


def never(notebook, cells, solved):
    cells["password"].source = "while True:\n    time.sleep(1)"


def hides(notebook, cells, solved):
    """Otter opens a file in the student's kernel to write the marks."""
    solve(cells, solved)
    cells["password"].source += "\nopen = 5"


# What each student does; then the marks, or None where Otter can give none.
WITH_OTTER = {
    "again": (again, [0, 1, 1, 0]),
    "twice": (twice, [1, 1, 1, 1]),
    "deleted": (deleted, [0, 1, 1, 0]),
    "ends": (ends, None),
    "never": (never, None),
    "hides": (hides, None),
}


@pytest.mark.slow
def test_otter_grades_what_students_do_to_a_notebook(python, tmp_path):
    """otter assign runs the solutions, too, and fails where they do not get all points."""
    folder = tmp_path / "my course"
    said = call(python, PACK / "notebooks" / "assign.py", "otter", LESSON, folder, "--core", where=tmp_path)
    assert "the folders student" in said
    place, solved = folder / CORE.stem, split(CORE)[1]
    released = nbformat.read(place / "student" / CORE.name, as_version=4)
    text = "\n".join(cell.source for cell in released.cells)
    assert "<summary>Solution" not in text and "<summary>Hint" in text and "BEGIN" not in text
    assert (place / "student" / "helpers" / "verdict.py").exists()
    hand_ins = tmp_path / "hand-ins"
    hand_ins.mkdir()
    for name, (change, _) in WITH_OTTER.items():
        notebook = copy.deepcopy(released)
        brief(notebook)
        answers = [cell for cell in notebook.cells if "exercise" in tags(cell)]
        assert [cell.source for cell in answers] == [found.answer for found, _ in solved.values()]
        assert text.count("grader.check(") == len(answers)
        # brief has left out the checks, as one who deleted them.
        change(notebook, dict(zip(EXERCISES, answers, strict=True)), solved)
        nbformat.write(notebook, hand_ins / f"{name}.ipynb")

    page = (PACK / "slides" / "README.md").read_text(encoding="utf-8")
    [loop] = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "otter run" in block]
    [grader] = place.glob("autograder/*.zip")
    for written, here in (("600", "40"), ("python", f"'{python}'"), ("GRADER", f"'{grader}'")):
        assert loop.count(written) == 1
        loop = loop.replace(written, here)
    said = call("bash", "-euc", loop, where=hand_ins)
    assert sorted(re.findall("no marks: (.*)", said)) == ["ends.ipynb", "hides.ipynb", "never.ipynb"]
    got = {}
    for name in WITH_OTTER:
        results = hand_ins / "marks" / name / "results.json"
        tests = {test["name"]: test for test in json.loads(results.read_text())["tests"]} if results.exists() else {}
        got[name] = [tests[exercise]["score"] for exercise in EXERCISES] if "password" in tests else None
        if name == "again":
            assert "AssertionError: Replace the ... with your answer" in tests["password"]["output"]
    assert got == {name: marks for name, (_, marks) in WITH_OTTER.items()}
