"""The map in helpers/__init__.py is the one that the code's own imports make."""

import ast
import re
from pathlib import Path

import pytest

import helpers

HELPERS = Path(helpers.__file__).parent
LESSONS = {folder.parent.name for folder in HELPERS.glob("*/__init__.py")}


def imports(helpers_folder):
    """{room: the rooms that its files import}, from the source of each file; a room is a lesson or a shared file."""
    found = {}
    for file in helpers_folder.rglob("*.py"):
        parts = file.relative_to(helpers_folder).with_suffix("").parts
        here = found.setdefault(parts[0], set())
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                # from .x is inside the package of the file; each further dot is one folder up.
                package = ["helpers", *parts[:-1]][: len(parts) - node.level + 1] if node.level else []
                module = [*package, *(node.module or "").split(".")]
                names = [[*module, alias.name] for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name.split(".") for alias in node.names]
            else:
                continue
            rooms = {[part for part in name if part][1] for name in names if name[0] == "helpers" and len(name) > 1}
            here |= rooms - {parts[0]}
    return {room: others for room, others in found.items() if room != "__init__"}


def drawn():
    """The map as helpers/__init__.py draws it, in the same form."""
    found = {}
    for line in re.findall(r"^    (\w[^\n]*)$", helpers.__doc__, re.MULTILINE):
        rooms, _, others = line.partition(" -> ")
        for room in rooms.split(", "):
            found[room] = set(others.split(", ")) - {""}
    return found


def test_the_map_shows_every_import_and_no_other():
    assert imports(HELPERS) == drawn()


def test_shared_files_know_no_lesson_and_lessons_do_not_know_each_other():
    for room, others in imports(HELPERS).items():
        if room not in LESSONS:
            assert not others & LESSONS
        elif room != "defences":
            assert others & LESSONS == set()


@pytest.mark.parametrize(
    ("source", "arrow"),
    [
        ("from .. import other", {"other"}),
        ("from ..other import name", {"other"}),
        ("from ..other.inside import name", {"other"}),
        ("import helpers.other", {"other"}),
        ("from helpers import other", {"other"}),
        ("def late():\n    from ..other import name", {"other"}),
        ("from . import beside", set()),
        ("from .beside import name", set()),
        ("import numpy", set()),
    ],
)
def test_every_form_of_import_is_an_arrow(tmp_path, source, arrow):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "file.py").write_text(source)
    assert imports(tmp_path) == {"room": arrow}
