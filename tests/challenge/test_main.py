"""The three commands, as an instructor types them, for a class of three made-up students."""

import subprocess
import sys

import challenge_attackers
import nbformat
import pytest
from committed import CHALLENGE, PACK, code_cells

from helpers import challenge
from helpers.challenge import __main__ as program


def test_bad_arguments_get_a_sentence_and_no_traceback(tmp_path, capsys):
    none = tmp_path / "none.key"
    assert program.main(["issue", str(tmp_path / "none.csv"), str(tmp_path / "out"), "--key", "x"]) == 1
    assert program.main(["grade", str(tmp_path / "none"), "--key", str(none)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        f"{tmp_path / 'none.csv'} cannot be read: No such file or directory.",
        f"{none} holds no class key. Make one: python -m helpers.challenge key {none}",
    ]
    with pytest.raises(SystemExit):
        program.main(["grade", "x", "--key", "y", "--until", "tomorrow"])


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
    assert sorted(path.name for path in (tmp_path / "marks").iterdir()) == ["board.png", "points.csv"]


@pytest.mark.slow
def test_the_notebook_as_it_stands_and_solved(tmp_path, monkeypatch, capsys):
    notebook, shown = nbformat.read(CHALLENGE, as_version=4), []
    monkeypatch.chdir(tmp_path)
    names = {"display": lambda *some: shown.extend(some)}
    cells = [cell.source for cell in code_cells(notebook)[1:]]
    for source in cells:
        exec(source, names)
    assert "nothing was written" in capsys.readouterr().out and list(tmp_path.iterdir()) == [] and len(shown) == 6
    for parts in challenge_attackers.attack(names["mine"]).values():
        names |= parts
    exec(cells[-1], names)
    said = capsys.readouterr().out
    assert said.count("practice points") == 5 and "Written: submission.json" in said
    assert all(float(line.split()[2]) > 17 for line in said.splitlines() if "practice points" in line)
