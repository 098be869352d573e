"""Every function of the challenges, given something else than it needs, says what it was given and what it needs."""

import contextlib
import io

import numpy as np
import pytest
from misuse import faults, public

from helpers import challenge
from helpers.challenge import files, grade, issue, keys, office, releases, scores

SOURCE = challenge.Source(bytes(range(32)), "Ann")
ASKED, COUNTS = [[1, 2, 1, 2, 2.0]], [[1, 2, 1, 2, 1.0]]
GRADES = [grade.Grade("Ann", "a", (1.0,) * 5, "")]
ANYTHING = "anything"  # of an answer, or of a text
TEXTS = {"an empty list", "an array of texts"}


def small(folder):
    return files.Challenge("Ann", "0" * 64, {n: {} for n in challenge.NUMBERS})


def silent_submit(challenge, answers):
    with contextlib.redirect_stdout(io.StringIO()):
        files.submit(challenge, answers)


def one_issue(students, folder):
    return list(issue.issue(students, folder, bytes(range(32))))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """A folder in which all the files that are asked for stand."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class.key").write_text("11" * 32)
    (tmp_path / "students.csv").write_text("name\nAnn\n")
    (tmp_path / "submission.json").write_text(f'{{"pack": "{files.PACK}", "name": "Ann", "seal": "", "answers": {{}}}}')
    (tmp_path / "back").mkdir()
    (tmp_path / "mine").mkdir()
    files.write(small(None)._replace(releases={1: {"some": np.zeros(1)}}), tmp_path / "mine")


PATH = {"a text"}
CASES = [
    (keys.Source, {"key": bytes(32), "name": "Ann"}, {"name": PATH}),
    (keys.a_source, {"source": SOURCE}, {}),
    (keys.one_line, {"text": "x"}, {"text": PATH}),
    (keys.plain_name, {"name": "Ann"}, {"name": PATH}),
    (keys.read_key, {"path": "class.key"}, {}),
    (office.as_question, {"questions": ASKED}, {}),
    (office.errors, {"questions": ASKED, "counts": COUNTS}, {}),
    (office.epsilon, {"counts": COUNTS}, {}),
    (office.missed, {"questions": ASKED, "counts": COUNTS}, {}),
    (office.as_asked, {"questions": ASKED}, {}),
    (office.best_counts, {"questions": ASKED}, {}),
    (releases.secret, {"number": 5, "source": SOURCE}, {}),
    (releases.release, {"number": 5, "source": SOURCE}, {}),
    (scores.as_json, {"number": 5, "answers": {}}, {"answers": {"a dict"}}),
    (scores.points, {"number": 2, "source": SOURCE, "answers": {}}, {"answers": ANYTHING}),  # a reason, not an error
    (scores.seal, {"source": SOURCE}, {}),
    (scores.mean_digit, {}, {}),
    (scores.usual_tokens, {}, {}),
    (files.load, {"folder": "mine"}, {}),
    (files.write, {"challenge": small(None), "folder": "mine"}, {"folder": ANYTHING}),  # issue made it
    (silent_submit, {"challenge": small(None), "answers": {}}, {}),
    (issue.read_students, {"path": "students.csv"}, {}),
    (issue.folder_of, {"source": SOURCE}, {}),
    (one_issue, {"students": [], "folder": "out"}, {"students": TEXTS, "folder": PATH}),
    (grade.read_submission, {"path": "submission.json"}, {}),
    (grade.grade, {"submissions": "back", "key": bytes(32), "until": None}, {"until": {"None"}}),
    (grade.harmless, {"text": "x"}, {"text": PATH}),
    (grade.write_points, {"grades": GRADES, "path": "points.csv"}, {"grades": {"an empty list"}, "path": ANYTHING}),
    (grade.board, {"grades": GRADES}, {"grades": {"an empty list"}}),
]
TESTED_ELSEWHERE = {"new_key", "made", "practice", "submit", "issue"}  # write, or take a second: their own tests


@pytest.mark.parametrize(("function", "good", "takes"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_it_says_what_it_needs(function, good, takes):
    assert not (found := list(faults(function, good, takes))), "\n".join(found)


def test_every_function_is_tried():
    tried = {function.__name__ for function, _, _ in CASES}
    named = {function.__name__ for function in public(files, grade, issue, keys, office, releases, scores)}
    assert named - TESTED_ELSEWHERE <= tried
