"""What the whole of tests needs: our one option, threads that sleep, and which notebooks are slow."""

import json
import os
from pathlib import Path

import pytest

# Two workers with two threads each hinder one another on two cores: one thread each takes half as long.
# Read when PyTorch is loaded, here and in the kernels that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure():
    """Say what is wrong in a copy for students, rather than fail in a thousand places."""
    notebooks = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
    cells = (cell for path in notebooks for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
    if notebooks and not any(cell.get("outputs") for cell in cells):
        raise pytest.UsageError(
            "No notebook holds an output: this is a copy for students, and the tests compare outputs. "
            "Test the branch that it was made from."
        )


def pytest_addoption(parser):
    parser.addoption(
        "--as-on-colab",
        action="store_true",
        help="run solved notebooks from a clone in an empty folder, with a stand-in google.colab",
    )


def pytest_collection_modifyitems(items):
    """Notebooks that go further are slow tests: test_solved_notebooks runs them whole, too."""
    for item in items:
        if item.path.suffix == ".ipynb" and item.path.stem[2] != "_":
            item.add_marker("slow")
