"""What the whole of tests needs: our one option, threads that sleep, which notebooks run, and what runs first."""

import json
import os
from pathlib import Path

import pytest

# Two workers with two threads each hinder one another on two cores: one thread each takes half as long.
# Read when PyTorch is loaded, here and in the kernels that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser):
    parser.addoption(
        "--as-on-colab",
        action="store_true",
        help="run solved notebooks from a clone in an empty folder, with a stand-in google.colab",
    )


def pytest_configure(config):
    """Leave out notebooks that go further, unless named: test_solved_notebooks runs and compares their every cell.

    In a copy for students, say what is wrong, rather than fail in a thousand places.
    """
    notebooks = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
    cells = (cell for path in notebooks for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
    if notebooks and not any(cell.get("outputs") for cell in cells):
        raise pytest.UsageError(
            "No notebook holds an output: this is a copy for students, and the tests compare outputs. "
            "Test the branch that it was made from."
        )
    further = str(config.rootpath / "notebooks" / "[0-9][0-9][b-z]_*.ipynb")
    config.option.ignore_glob = [*(config.option.ignore_glob or []), further]


def pytest_collection_modifyitems(items):
    """Files with slow tests come first. The many quick ones then fill what is left, and all workers end together."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
