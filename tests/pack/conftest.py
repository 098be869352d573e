"""What the tests of the whole pack share: each notebook in turn, copies of the pack, a browser."""

import shutil

import nbformat
import pytest
from committed import NOTEBOOKS, PACK
from in_browser import browser, lab  # noqa: F401 (fixtures)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    """The path of each notebook in turn."""
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def copy(tmp_path):
    """A copy of what holds the address, in a folder called as the repository."""
    pack = tmp_path / "origin" / "failures-in-data-privacy"
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in ("helpers", "notebooks"):
        shutil.copytree(PACK / folder, pack / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(PACK / name, pack)
    return pack


@pytest.fixture
def content(tmp_path):
    """An empty folder, as Colab's /content."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder
