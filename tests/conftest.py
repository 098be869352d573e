"""What the tests share: the notebooks, a browser, real handwriting where there is some."""

import os
import shutil
from pathlib import Path

import pytest
from committed import NOTEBOOKS, PACK


def pytest_addoption(parser):
    parser.addoption(
        "--as-on-colab",
        action="store_true",
        help="run solved notebooks from a clone in an empty folder, with a stand-in google.colab",
    )


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    """The path of each notebook in turn."""
    return request.param


@pytest.fixture
def notebook(path):
    import nbformat

    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def browser():
    """A Chromium: Playwright's own, or the system's. Missing, it skips on a laptop and fails in CI."""
    import browsing
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            started = browsing.chromium(playwright)
        except Error as problem:
            message = f"No Chromium or Chrome could be started: {problem}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
        yield started
        started.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on a copy of the pack."""
    import browsing

    with browsing.jupyterlab(tmp_path_factory.mktemp("lab")) as address:
        yield address


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


@pytest.fixture(scope="session")
def real_digits():
    """A folder with MNIST as torchvision reads it, named by the environment variable PRIVACY_TEST_DATA."""
    folder = os.environ.get("PRIVACY_TEST_DATA")
    if not folder:
        pytest.skip("PRIVACY_TEST_DATA names no folder with MNIST/raw")
    return Path(folder)
