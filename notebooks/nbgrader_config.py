"""How nbgrader hands out and grades this course. notebooks/assign.py puts a copy beside the lessons it assigns.

It replaces three of nbgrader's habits: to give no marks to a student whose cells were deleted, copied or split, or
whose code ends the kernel; to run all of a notebook; and to trust a check that printed a warning, or nothing.
Whatever it mended stands in report.csv, by student, and what was not graded: look at those.
"""

import csv
import os
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbconvert import NotebookExporter
from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat.v4 import new_code_cell, new_output
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    ComputeChecksums,
    Execute,
    IgnorePattern,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
    SaveCells,
)

c = get_config()  # noqa: F821 (traitlets gives it)
ROOT = Path(__file__).resolve().parent
REPORT = ROOT / "report.csv"
NOT_GRADED = "not graded, nor what comes after it. Put it right, and run autograde with --student NAME --force"
# Run in the student's kernel before a check: whether its function and its decorator are those of the pack's files.
OWN = """assert [part.__code__.co_filename for part in ({0}, {0}.__wrapped__)] == [
    __import__("helpers.verdict").verdict.__file__, exercises.__file__]"""
LONGEST = 10_000  # characters of what a cell printed that are kept
# nbgrader calls alembic by its name, which is found only where the environment is activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def report(about, *findings, forget=()):
    """Add ``findings`` on a notebook to report.csv, and drop earlier ones that begin with ``forget``: "" is all.

    about: its lesson, student and name, as in the resources that nbgrader passes on.
    """
    about = [about[key] for key in ("assignment", "student", "notebook")]
    with closing(sqlite3.connect(ROOT / ".report-lock", timeout=60, isolation_level=None)) as turn:
        turn.execute("BEGIN EXCLUSIVE")  # two that grade at once write one after the other
        lines = list(csv.reader(REPORT.open(encoding="utf-8", newline="")))[1:] if REPORT.exists() else []
        lines = [line for line in lines if not (line[:3] == about and line[3].startswith(forget))]
        with REPORT.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([["lesson", "student", "notebook", "look at"], *lines])
            csv.writer(file).writerows([*about, text] for text in findings)


def look_at_files(lesson):
    """Report hand-ins that nbgrader does not find: it gives a 0, or no row, and warns in its log."""
    wanted = sorted((ROOT / "source" / lesson).glob("*.ipynb"))
    for student in sorted(path for path in (ROOT / "submitted").glob("*") if path.is_dir()):
        usual = {student / lesson / notebook.name for notebook in wanted}
        for path in sorted(path for path in usual if not path.exists()):
            others = [found.relative_to(ROOT) for found in sorted(student.rglob("*.ipynb")) if found not in usual]
            finding = f"not handed in: there is no {path.relative_to(ROOT)}"
            if others:
                finding += f". Is it one of these? {', '.join(map(str, others[:5]))}"
            report({"assignment": lesson, "student": student.name, "notebook": path.stem}, finding, forget="")


class Watched(NotebookExporter):
    """nbgrader reads and runs a notebook by this. What keeps it from the end leaves the notebook in the report."""

    def from_filename(self, filename, resources=None, **more):
        about, begins = resources["nbgrader"], ROOT / "submitted" in Path(filename).parents
        if begins:  # mended first; then run, in the folder autograded
            report(about, NOT_GRADED, forget="")
        try:
            made = super().from_filename(filename, resources, **more)
        except Exception as problem:  # of a file that can hold anything
            report(about, f"{NOT_GRADED}: {problem!r}"[:300], forget=NOT_GRADED)
            raise
        if not begins:
            report(about, forget=NOT_GRADED)
        return made


class Mend(NbGraderPreprocessor):
    """Give each graded cell its metadata back, once: what nbgrader then does not find, it adds."""

    def preprocess(self, nb, resources):
        about, findings = resources["nbgrader"], []
        with Gradebook(about["db_url"]) as gradebook:
            known = gradebook.find_notebook(about["notebook"], about["assignment"])
            points = {cell.name: cell.max_score for cell in known.grade_cells}
            sources = {cell.name: (cell.cell_type, cell.locked, cell.source) for cell in known.source_cells}
        found = {}
        for cell in nb.cells:
            own = cell.metadata.pop("nbgrader", None)  # a file can hold anything here
            name = own.get("grade_id") if isinstance(own, dict) else None
            if isinstance(name, str) and name in sources:
                found.setdefault(name, []).append(cell)
        for name, (kind, locked, source) in sources.items():
            if len(found.get(name, [])) > 1:
                findings.append(
                    f"{name}: this cell stands {len(found[name])} times, all were run, each where it stands"
                )
            elif name not in found:
                findings.append(f"{name}: this cell was deleted, it was added again")
            elif found[name][0].cell_type != kind:
                findings.append(f"{name}: this cell was no {kind} any more, it was made {kind} again")
            elif locked and found[name][0].source != source:
                findings.append(f"{name}: this check was changed, it was put right")
            if name not in found and name not in points:
                found[name] = [self.empty_answer(nb, name, found)]
            if name in found:
                found[name][-1].metadata["nbgrader"] = {
                    "schema_version": 3, "grade_id": name, "cell_type": kind, "locked": locked, "task": False,
                    "grade": name in points, "solution": name not in points,
                } | ({"points": points[name]} if name in points else {})  # fmt: skip
        report(about, *findings)
        return nb, resources

    @staticmethod
    def empty_answer(nb, name, found):
        """A new cell for a deleted answer, before its check; nbgrader needs one. The answer may stand elsewhere."""
        cell, check = new_code_cell(), found.get(f"{name}-check", [None])[-1]
        nb.cells.insert(next((i for i, other in enumerate(nb.cells) if other is check), len(nb.cells)), cell)
        return cell


class LeaveOut(NbGraderPreprocessor):
    """Leave out the cells that no graded exercise needs. Otter's tag says which; cells of the student's have none."""

    def preprocess(self, nb, resources):
        nb.cells = [cell for cell in nb.cells if "otter_ignore" not in cell.metadata.get("tags", [])]
        return nb, resources


def errors(cell):
    """The names of the errors that a cell showed."""
    return {output.ename for output in cell.get("outputs", []) if output.output_type == "error"}


class Run(Execute):
    """nbgrader's Execute, which keeps the marks above a cell that ends the kernel or cannot be interrupted.

    It reports a check that is not the pack's own when it is called. That shows a plain replacement, no hidden one:
    answer and check share a kernel.
    """

    def preprocess(self, nb, resources, **more):
        cells, asked = [], {}
        for cell in nb.cells:
            if utils.is_grade(cell):
                check = re.search(r"exercises\.check_\w+", cell.source)[0]
                asked[check] = new_code_cell(OWN.format(check))
                cells.append(asked[check])
            cells.append(cell)
        nb.cells = cells
        try:
            nb, resources = super().preprocess(nb, resources, **more)
        except (DeadKernelError, CellTimeoutError) as problem:
            why = "ended the kernel" if isinstance(problem, DeadKernelError) else "could not be interrupted"
            report(resources["nbgrader"], f"a cell {why}: what stands below it was not run and has no marks")
        nb.cells = [cell for cell in nb.cells if cell not in asked.values()]
        if replaced := [check for check, cell in asked.items() if errors(cell) & {"AssertionError", "AttributeError"}]:
            report(resources["nbgrader"], f"replaced before it ran, look at the answers: {', '.join(replaced)}")
        for cell in nb.cells:
            if "CellTimeoutError" in errors(cell):
                report(resources["nbgrader"], f"a cell ran longer than {self.timeout} s: {cell.source[:60]!r}")
        return nb, resources


class Judge(NbGraderPreprocessor):
    """Make of what ran what nbgrader gives the right marks for: it gives all to a check that shows nothing at all,
    and none to one beside which something warned."""

    def preprocess_cell(self, cell, resources, index):
        if cell.cell_type != "code":
            return cell, resources
        for output in cell.outputs:
            if len(output.get("text", "")) > LONGEST:
                output.text = output.text[:LONGEST] + "\n… (more was printed)"
            if utils.is_grade(cell) and output.get("name") == "stderr":
                output.name = "stdout"
        if utils.is_grade(cell) and not cell.outputs:
            text = "This check was not run: a cell above it ended the kernel or could not be interrupted."
            cell.outputs = [new_output("error", ename="AssertionError", evalue=text, traceback=[text])]
        return cell, resources


c.CourseDirectory.root = str(ROOT)
# Answer cells have a stub already, so that nothing is to be cleared.
c.GenerateAssignment.preprocessors = [LockCells, ClearOutput, CheckCellMetadata, ComputeChecksums, SaveCells]
c.Autograde.exporter_class = Watched
c.Autograde.sanitize_preprocessors = [ClearOutput, Mend, OverwriteKernelspec, OverwriteCells, CheckCellMetadata]
c.Autograde.autograde_preprocessors = [LeaveOut, Run, Judge, IgnorePattern, ClearMetadataPreprocessor, LimitOutput,
                                       SaveAutoGrades, AssignLatePenalties, CheckCellMetadata]  # fmt: skip
c.OverwriteCells.add_missing_cells = True
c.Execute.timeout = 120  # seconds a cell
c.Execute.iopub_timeout = 60  # seconds more for what was printed to arrive: some print 100 MB

if "autograde" in sys.argv:  # nbgrader loads this file three times: 0.1 s each for thirty students
    for folder in (ROOT / "source").glob("*"):
        if any(folder.name == argument.split("=")[-1] for argument in sys.argv):
            look_at_files(folder.name)
