"""What the last cell says before anything is handed in, and what it writes."""

import json

import pytest

from helpers import challenge
from helpers.challenge import files, scores


@pytest.fixture
def said(tmp_path, monkeypatch, capsys):
    """A function that submits and gives what was printed, by line."""
    monkeypatch.chdir(tmp_path)

    def said(mine, answers):
        challenge.submit(mine, answers)
        return capsys.readouterr().out.splitlines()

    return said


def test_it_names_what_was_written_and_whether_anything_was(said, two, tmp_path):
    answers = {1: {"log": two[0].attacked["1"]["log"], "column": ...}, 4: {"number": ["2709"]}, 5: {"counts": [[1]]}}
    lines = said(two[0].made, answers)
    assert lines[0] == "Challenge 1: missing: column, letters" and "counts must have shape" in lines[4]
    assert lines[5] == "Written: submission.json, with 1 (log), 4 (number)"
    written = (tmp_path / "submission.json").read_text()
    assert set(json.loads(written)["answers"]) == {"1", "4"}
    assert "nothing was written; an earlier submission.json stays." in said(two[0].made, {n: {} for n in (1, 5)})[5]
    assert (tmp_path / "submission.json").read_text() == written


def test_a_wrong_form_is_told_in_practice(said, two):
    source = challenge.Source(challenge.PRACTICE_KEY, files.PRACTICE)
    mine = two[0].made._replace(name=source.name, seal=scores.seal(source))
    lines = said(mine, {4: {"number": 7605}})
    assert lines[3].startswith("Challenge 4: 0.0 of 20 practice points. missing: tokens; number must be one to ten")
    assert "but 7605 was given" in lines[3]


def test_answers_that_cannot_belong_to_this_folder_are_told(said, two):
    one, other = two
    assert "missing" in said(one.made, {})[0]
    mine = {n: one.attacked[str(n)] for n in challenge.NUMBERS}
    assert said(one.made, mine)[:5] == [f"Challenge {n}: all is there." for n in challenge.NUMBERS]
    turned = {member: digest for digest, member in mine[1]["log"].items()}
    for log in (turned, other.attacked["1"]["log"]):
        lines = said(one.made, {1: mine[1] | {"log": log}})
        assert lines[0].startswith("Challenge 1: A key of log must be a digest of your log, but 40 do not, such as ")
    lines = said(one.made, {5: {"counts": one.made[5]["questions"]}})  # an error is no scale
    assert "people off, and" in lines[4]
    lines = said(one.made, {2: {"diaries": [None] * 9 + [99_999]}})
    assert lines[1] == (
        "Challenge 2: missing: debts; A user of diaries must stand in your ratings, but 1 do not, such as 99999"
    )
