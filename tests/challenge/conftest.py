"""A class of two, with the challenges that were made for them, and what three kinds of attackers answer."""

from types import SimpleNamespace

import challenge_attackers
import pytest

from helpers import challenge
from helpers.challenge import files, scores

KEY = bytes(range(32))


def in_json(answers):
    """Answers by number, as a submission holds them."""
    ready = {str(number): scores.as_json(number, given) for number, given in answers.items()}
    assert all(wrong == "" for _, wrong in ready.values()), ready
    return {number: given for number, (given, _) in ready.items()}


@pytest.fixture(scope="session")
def two():
    """Two students: their Source, Challenge, and the answers of an attacker and of a guesser."""
    found = []
    for name in ("Jürgen Wrenfield", "=HYPERLINK(1)"):
        source = challenge.Source(KEY, name)
        made = files.made(source)
        answers = in_json(challenge_attackers.attack(made)), in_json(challenge_attackers.guess(made))
        found.append(SimpleNamespace(source=source, made=made, attacked=answers[0], guessed=answers[1]))
    return found


@pytest.fixture
def submission(two):
    """A function that gives a submission as a dict: the first student's, attacked, with what is told replaced."""

    def submission(student=two[0], **changed):
        about = {"pack": files.PACK, "name": student.made.name, "seal": student.made.seal, "answers": student.attacked}
        return about | changed

    return submission
