"""The programs of the pack say what they do, and take no option for a folder."""

import re
import subprocess
import sys

import pytest
from committed import PACK

PROGRAMS = sorted(
    path for folder in ("notebooks", "slides") for path in (PACK / folder).glob("*.py")
    if '__name__ == "__main__"' in path.read_text(encoding="utf-8")
)  # fmt: skip


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_asked_for_help_it_shows_its_command_and_writes_nothing(path, tmp_path):
    got = subprocess.run([sys.executable, path, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    said = got.stdout + got.stderr
    assert re.search(rf"python {path.parent.name}/{path.name}", said) and "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["execute", "minutes"])
def test_a_notebook_that_is_not_there_is_named(name, tmp_path):
    command = [sys.executable, PACK / "notebooks" / f"{name}.py", "03_model_invertion"]
    got = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert got.returncode == 1 and "03_model_invertion" in got.stderr.splitlines()[0]
