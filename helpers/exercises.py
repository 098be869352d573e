"""The checks behind "Your turn".

A check takes a student's answer and returns a Verdict: "Right", with why it matters, or
"Not yet", with a hint that names the mistake where it can tell. It never raises: an
unfinished answer (...) or an absurd one is "Not yet" too.
"""

import functools
from typing import NamedTuple


class Verdict(NamedTuple):
    """What a check says of an answer."""

    right: bool
    message: str

    def __repr__(self):
        return f"{'Right' if self.right else 'Not yet'}. {self.message}"


def right(message):
    return Verdict(True, message)


def not_yet(message):
    return Verdict(False, message)


def check(judge):
    """Decorator for the checks below: answers for ... and for answers that judge cannot use."""

    @functools.wraps(judge)
    def careful(*answers):
        if any(_unfinished(answer) for answer in answers):
            return not_yet("Replace the ... with your answer, then run this cell again.")
        try:
            return judge(*answers)
        except Exception as problem:  # shown to the student, who can act on it
            return not_yet(f"The check could not use your answer. {type(problem).__name__}: {problem}")

    return careful


def _unfinished(answer):
    if isinstance(answer, dict):
        return any(_unfinished(value) for value in answer.values())
    if isinstance(answer, (list, tuple)) and not isinstance(answer, Verdict):
        return any(_unfinished(value) for value in answer)
    return answer is ...


# --- 03 Model inversion -------------------------------------------------------
