"""Whatever is handed in gets points or a reason; nothing in it is run, unpacked or followed."""

import csv
import datetime
import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest

from helpers.challenge import grade as grading

KEY = bytes(range(32))


@pytest.fixture
def given(tmp_path):
    """A function that puts a file into the folder of submissions."""

    def put(name, content):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    (tmp_path / "in").mkdir()
    put.folder = tmp_path / "in"
    return put


def zipped(name, content):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, content)
    return held.getvalue()


class Runs:
    def __reduce__(self):
        return os.mkdir, ("it ran",)


BROKEN = {
    "is empty": b"",
    "is a zip": zipped("inner.zip", zipped("submission.json", "{}")),
    "It was not unpacked": zipped("../../../climbs.json", "{}"),
    "is a web page": b"\xef\xbb\xbf <!DOCTYPE html><html></html>",
    "is no JSON (Expecting": b"{'a': 1}",
    "is no JSON (it holds NaN": b'{"pack": NaN}',
    "is no JSON ('utf-8'": b'{"a": "\xff\xfe\xfa"}',
    "is no JSON (": b"[" * 200_000,
    "is no JSON": pickle.dumps(Runs()),
    "another notebook's": b'{"cells": [], "nbformat": 4}',
    "is not the file": b"[1, 2]",
    "lacks its name": b'{"pack": "failures-in-data-privacy", "name": 5, "seal": "", "answers": {}}',
    "1 to 200 characters": b'{"pack": "failures-in-data-privacy", "name": " ", "seal": "", "answers": {}}',
    "was not made for this name": b'{"pack": "failures-in-data-privacy", "name": "\\ud800x", "seal": "\\ud800",'
    b' "answers": {}}',
}


@pytest.mark.parametrize("says", BROKEN)
def test_a_broken_file_gets_its_reason_and_nothing_is_written(given, tmp_path, monkeypatch, says):
    monkeypatch.chdir(tmp_path)
    given("somebody/submission.json", BROKEN[says])
    before = sorted(tmp_path.rglob("*"))
    [one] = grading.grade(given.folder, KEY)
    assert says in one.reason and one.points == () and one.file == "somebody/submission.json"
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_of_200_mb_is_not_read(given, monkeypatch):
    path = given("submission.json", b"{")
    with path.open("r+b") as file:
        file.truncate(200_000_000)
    [one] = grading.grade(given.folder, KEY)
    assert one.reason.startswith("has 200 MB")


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
def test_links_are_not_followed(given, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.json").write_text("{}")
    (given.folder / "link.json").symlink_to(tmp_path / "outside" / "secret.json")
    (given.folder / "folder").symlink_to(tmp_path / "outside")
    assert {one.file: "not followed" in one.reason for one in grading.grade(given.folder, KEY)} == {
        "folder": True,
        "link.json": True,
    }


def test_whole_answers_someone_elses_and_parts(given, submission, two):
    given("a/submission.json", submission())
    given("b/submission.json", submission(name=two[1].made.name))  # a neighbour's file under one's own name
    given("c/submission.json", submission(two[1], answers={"2": two[1].attacked["2"], "9": 1, "3": []}))
    given(".DS_Store", b"x"), given("__MACOSX/x", b"x")
    mine, part, copied = grading.grade(given.folder, KEY)
    if mine.name != two[0].made.name:
        mine, part = part, mine
    assert sum(mine.points) > 90 and mine.reason == "" and mine.file == "a/submission.json"
    assert part.points[1] > 18 and part.points[0] == part.points[2] == part.points[4] == 0
    assert "1: missing: column, log, letters" in part.reason and "3: The answers to challenge 3 must be" in part.reason
    assert copied[:3] == ("", "b/submission.json", ())  # no row for the name that it claims
    assert f"says that it is {two[1].made.name}'s, but was not made for this name" in copied.reason
    [other, *_] = grading.grade(given.folder, bytes(reversed(KEY)))
    assert other.points == () and "another's, practice, or an older pack" in other.reason


def test_wrong_shapes_and_numbers_do_not_stop_the_class(given, submission):
    odd = {"1": {"column": {}}, "2": {"debts": [1e999]}, "3": {"pictures": [[[]]]}, "4": {"tokens": [[None]] * 20}}
    path = given("submission.json", submission(answers=odd | {"5": {"counts": [[1, 1, 1, 1, 1e308]]}}))
    path.write_text(path.read_text().replace("Infinity", "1e999"))
    [one] = grading.grade(given.folder, KEY)
    assert one.points == (0, 0, 0, 0, 0)
    assert [f"{number}: " in one.reason for number in range(1, 6)] == [True] * 5


def test_an_error_of_ours_is_a_reason(given, submission, monkeypatch):
    given("submission.json", submission())
    monkeypatch.setattr(grading, "points", lambda *_: 1 / 0)
    [one] = grading.grade(given.folder, KEY)
    assert one.points == (0, 0, 0, 0, 0) and "could not be graded, look at it (ZeroDivisionError" in one.reason


def test_the_last_of_several_counts_and_late_ones_do_not(given, submission, two):
    for name, day in (("first", 1), ("second", 2), ("third", 3)):
        answers = {"2": two[0].attacked["2"]} if name == "second" else {}
        path = given(f"{name}.json", submission(answers=answers))
        os.utime(path, (datetime.datetime(2026, 12, day, 12).timestamp(),) * 2)
    late = "late: third.json was last changed at 2026-12-03 12:00"
    [counted] = grading.grade(given.folder, KEY, datetime.datetime(2026, 12, 2, 18))  # one row a student
    assert counted.file == "second.json" and counted.points[1] > 9
    assert counted.reason.endswith(f"; an earlier file was passed over: first.json; {late}")
    (given.folder / "first.json").unlink(), (given.folder / "second.json").unlink()
    [counted] = grading.grade(given.folder, KEY, datetime.datetime(2026, 12, 2, 18))
    assert counted == (two[0].made.name, "third.json", (), late)


GRADES = [
    grading.Grade("=HYPERLINK(1)", "+x", (20.0, 10.0, 0.0, 5.0, 1.0), "@reason\nmore"),
    grading.Grade("Jürgen", "a", (1.0, 2.0, 3.0, 4.0, 5.0), ""),
    grading.Grade("", "-b", (), "is empty"),
]


def test_the_table_holds_no_formula_and_excel_reads_it(tmp_path):
    grading.write_points(GRADES, tmp_path / "points.csv")
    assert (tmp_path / "points.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader((tmp_path / "points.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1] == ["'=HYPERLINK(1)", "20.0", "10.0", "0.0", "5.0", "1.0", "36.0", "'+x", "'@reason more"]
    assert rows[2][0] == "Jürgen" and rows[3] == ["", "0", "0", "0", "0", "0", "0", "'-b", "is empty"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\t=1", "\r\n=1", " =1", "\ufeff=1", "\u200b =1", "＝1"])
def test_a_cell_that_begins_as_a_formula_is_made_a_text(cell):
    assert grading.harmless(cell).startswith("'")


def test_the_board_shows_every_dot_and_ends_at_20():
    figure, _ = grading.board.__wrapped__(GRADES)
    lines = figure.axes[0].lines
    dots, medians = (
        {line.zorder for line in lines if (line.get_marker() == "o") == is_dot} for is_dot in (True, False)
    )
    assert max(medians) < min(dots) and figure.axes[0].get_xticks().tolist() == [0, 5, 10, 15, 20]


def test_the_board_names_nobody():
    picture = grading.board(GRADES)
    assert "2 submissions" in picture.alt and "challenge 1 10.5" in picture.alt and "Jürgen" not in picture.alt
    assert picture.png.startswith(b"\x89PNG") and grading.board([]).png
    many = [grading.Grade(str(i), "", tuple(np.random.default_rng(i).uniform(0, 20, 5)), "") for i in range(300)]
    assert "300 submissions" in grading.board(many).alt
