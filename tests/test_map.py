"""The map in helpers/__init__.py is the one that the code's own imports make."""

import re
from pathlib import Path

import pytest

import helpers
from notebooks import lift

HELPERS = Path(helpers.__file__).parent
LESSONS = {folder.parent.name for folder in HELPERS.glob("*/__init__.py")} - {"challenge"}


def drawn():
    """The map as helpers/__init__.py draws it, in the same form."""
    found = {}
    for line in re.findall(r"^    (\w[^\n]*)$", helpers.__doc__, re.MULTILINE):
        rooms, _, others = line.partition(" -> ")
        for room in rooms.split(", "):
            found[room] = set(others.split(", ")) - {""}
    return found


def test_the_map_shows_every_import_and_no_other():
    assert lift.rooms(HELPERS) == drawn()


def test_shared_files_know_no_lesson_and_lessons_do_not_know_each_other():
    for room, others in lift.rooms(HELPERS).items():
        if room == "challenge":
            assert others >= LESSONS - {"defences"}
        elif room not in LESSONS:
            assert not others & LESSONS
        elif room != "defences":
            assert others & LESSONS == set()
        assert "challenge" not in others


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
    (tmp_path / "__init__.py").touch()
    (tmp_path / "room" / "file.py").write_text(source)
    assert lift.rooms(tmp_path) == {"room": arrow}
