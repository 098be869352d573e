"""What the tests share: the notebooks, a browser, real handwriting where there is some, a small split network."""

import os
import shutil
from pathlib import Path

import pytest

PACK = Path(__file__).parent.parent
NOTEBOOKS = sorted((PACK / "notebooks").glob("*.ipynb"))


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


@pytest.fixture(scope="session")
def small():
    """A trained SplitNN with few digits and letters: quick, and real enough for attacks to work.

    Has model, digits_x, digits_y, test_x, test_y, letters_x.
    """
    from types import SimpleNamespace

    import torch

    from helpers import data, splitnn

    digits = data.digits()
    as_x = lambda images, n: torch.from_numpy(data.scale(images.pixels[:n]))  # noqa: E731
    torch.manual_seed(0)
    some = SimpleNamespace(
        model=splitnn.SplitNN(),
        digits_x=as_x(digits.client, 1500),
        digits_y=torch.from_numpy(digits.client.labels[:1500]),
        test_x=as_x(digits.test, 300),
        test_y=torch.from_numpy(digits.test.labels[:300]),
        letters_x=as_x(data.letters(3000), 3000),
    )
    splitnn.train_classifier(some.model, some.digits_x, some.digits_y, epochs=5)
    return some
