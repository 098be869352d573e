"""The three commands, as an instructor types them, for a class of three made-up students."""

import datetime
import subprocess
import sys

import challenge_attackers
import nbformat
import pytest
from committed import CHALLENGE, PACK, code_cells

from helpers import challenge
from helpers.challenge import __main__ as program
from helpers.challenge.grade import Grade


def test_bad_arguments_get_a_sentence_and_no_traceback(tmp_path, capsys):
    none = tmp_path / "none.key"
    assert program.main(["issue", str(tmp_path / "none.csv"), str(tmp_path / "out"), "--key", "x"]) == 1
    assert program.main(["grade", str(tmp_path / "none"), "--key", str(none)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'none.csv'} cannot be read: No such file or directory.",
        f"{none}: there is no such file. Give the key that you issued with; a new one cannot grade. "
        f"For a new class make one: python -m helpers.challenge key {none}",
    ]
    with pytest.raises(SystemExit):
        program.main(["grade", "x", "--key", "y", "--until", "tomorrow"])
    assert "--until must look like 2026-12-01T18:00" in capsys.readouterr().err


@pytest.fixture
def marked(tmp_path, monkeypatch, capsys):
    """A function that grades a folder of files given as Grade, with more words of the command; gives what it said."""
    challenge.new_key(tmp_path / "class.key")
    asked = []

    def marked(grades, *words, to="marks"):
        monkeypatch.setattr(program, "grade", lambda *given: asked.append(given) or list(grades))
        words = ["grade", tmp_path, "--key", tmp_path / "class.key", "--to", tmp_path / to, *words]
        failed = program.main([str(word) for word in words])
        said = capsys.readouterr()
        return said.err if failed else said.out

    marked.asked = asked
    return marked


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("2026-12-01", datetime.datetime(2026, 12, 1, 23, 59, 59, 999_999)),
        ("2026-12-01T00:00", datetime.datetime(2026, 12, 1)),
        ("2026-12-01 18:00", datetime.datetime(2026, 12, 1, 18)),
    ],
)
def test_a_day_ends_at_its_end(marked, typed, until):
    marked([], "--until", typed)
    assert marked.asked[0][2] == until


def test_a_board_needs_five_and_points_are_not_replaced(marked, tmp_path):
    five = [Grade(name, name, (1.0,) * 5, "") for name in "abcde"]
    assert "No board.png was drawn: of fewer than 5" in marked(five[:4])
    assert [path.name for path in (tmp_path / "marks").iterdir()] == ["points.csv"]
    before = (tmp_path / "marks" / "points.csv").read_bytes()
    assert "points.csv is there already. Move it away" in marked(five)
    assert (tmp_path / "marks" / "points.csv").read_bytes() == before
    assert "board.png" not in marked(five, to="other")
    assert sorted(path.name for path in (tmp_path / "other").iterdir()) == ["board.png", "points.csv"]


def test_who_handed_in_nothing_is_named(marked, tmp_path):
    (tmp_path / "students.csv").write_text("name\nAnn\nBen\nCleo\n")
    given = [Grade("Ann", "a", (1.0,) * 5, ""), Grade("Cleo", "c", (), "late: the file …")]
    said = marked(given, "--students", tmp_path / "students.csv")
    assert "Ben (no file): nothing handed in" in said and "1 of 2 files were graded" in said
    rows = (tmp_path / "marks" / "points.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 4 and rows[3] == "Ben,0,0,0,0,0,0,,nothing handed in"
    said = marked([*given, Grade("", "b/x.zip", (), "is a zip")], "--students", tmp_path / "students.csv", to="again")
    assert "Ben (no file): nothing that shows it is theirs: see nobody's files" in said


def test_it_asks_about_dates_where_all_are_late(marked):
    late, broken = Grade("Ann", "a", (), "late: the file …"), Grade("", "b", (), "is empty")
    assert "late: did unpacking change the dates?" in marked([late, broken])
    for to, some in (("one", [broken]), ("two", [late, Grade("Ben", "c", (1.0,) * 5, "")])):
        assert "did unpacking" not in marked(some, to=to)


@pytest.mark.slow
def test_a_class_of_three_from_key_to_marks(tmp_path):
    def say(*words):
        got = subprocess.run(
            [sys.executable, "-m", "helpers.challenge", *map(str, words)], cwd=PACK, capture_output=True, text=True
        )
        assert got.returncode == 0, got.stderr
        return got.stdout

    key, out, back = tmp_path / "class.key", tmp_path / "out", tmp_path / "back"
    (tmp_path / "students.csv").write_bytes(
        "name;x\r\nJürgen Hale;1\r\nAnn;2\r\nBen;3\r\nAnn;4\r\n".encode("utf-8-sig")
    )
    say("key", key)
    said = say("issue", tmp_path / "students.csv", out, "--key", key)
    assert "Ann stands twice" in said and len(list(out.iterdir())) == 3
    for folder in out.iterdir():
        mine = challenge.load(folder)
        (back / folder.name).mkdir(parents=True)
        attack = challenge_attackers.guess if mine.name == "Ben" else challenge_attackers.attack
        challenge.submit(mine, attack(mine), back / folder.name / "submission.json")
    (back / "page.json").write_text("<html>")
    said = say("grade", back, "--key", key, "--to", tmp_path / "marks")
    assert "nobody (page.json): is a web page" in said and "3 of 4 files were graded" in said
    _, *rows = (tmp_path / "marks" / "points.csv").read_text(encoding="utf-8-sig").splitlines()
    totals = {row.split(",")[0]: float(row.split(",")[6]) for row in rows}
    assert totals["Ann"] > 90 and totals["Jürgen Hale"] > 90 and totals["Ben"] <= 2
    assert [path.name for path in (tmp_path / "marks").iterdir()] == ["points.csv"]  # three are too few for a board


@pytest.mark.slow
def test_the_notebook_as_it_stands_and_solved(tmp_path, monkeypatch, capsys):
    notebook, shown = nbformat.read(CHALLENGE, as_version=4), []
    monkeypatch.chdir(tmp_path)
    names = {"display": lambda *some: shown.extend(some)}
    cells = [cell.source for cell in code_cells(notebook)[1:]]
    for source in cells:
        exec(source, names)
    assert "nothing was written" in capsys.readouterr().out and list(tmp_path.iterdir()) == [] and len(shown) == 6
    for number, parts in challenge_attackers.attack(names["mine"]).items():
        names["answers"][number] |= parts
    exec(cells[-1], names)
    said = capsys.readouterr().out
    assert said.count("practice points") == 5 and "Written: submission.json" in said
    assert all(float(line.split()[2]) > 17 for line in said.splitlines() if "practice points" in line)
