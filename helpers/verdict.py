"""What the checks behind "Your turn" are made of, and ``claim``, by which a notebook states a finding.

A check judges a student's answer. It raises NotYet with a hint that names the mistake where it can
tell, or returns why the right answer matters. ``check`` makes a Verdict of either.
"""

import ast
import functools
import linecache
import math
import sys
import textwrap
from typing import NamedTuple

UNFINISHED = "Replace the ... with your answer, then run this cell again."


class Verdict(NamedTuple):
    """What a check says of an answer."""

    right: bool
    message: str

    def __repr__(self):
        return f"{'Right' if self.right else 'Not yet'}. {self.message}"


class NotYet(Exception):
    """An answer that is not right yet. Its text is the hint."""


def check(judge):
    """Decorator: turn what ``judge`` returns, or whatever it raises, into a Verdict. It never raises at the student."""

    @functools.wraps(judge)
    def careful(*answers):
        try:
            if any(unfinished(answer) for answer in answers):
                raise NotYet(UNFINISHED)
            return Verdict(True, judge(*answers))
        except NotYet as hint:
            return Verdict(False, str(hint))
        except Exception as problem:  # shown to the student, who can act on it
            return Verdict(False, f"The check could not use your answer. {type(problem).__name__}: {problem}")

    return careful


def unfinished(answer):
    """Whether a ``...`` of the exercise is left in an answer: in a list, a tuple or a dict's values too."""
    if isinstance(answer, dict):
        return any(unfinished(value) for value in answer.values())
    if isinstance(answer, (list, tuple)):
        return any(unfinished(value) for value in answer)
    return answer is ...


def a_kind(given):
    """What kind of thing was given, with its article: an int, a list."""
    name = type(given).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def answer_of(function, *arguments, may_be_none=False):
    """What a student's function gives for ``arguments``. NotYet where it is no function, or gives nothing yet."""
    if not callable(function):
        raise NotYet(f"A function is needed, and this is {a_kind(function)}: keep the line that begins with def.")
    answer = function(*arguments)
    if unfinished(answer):
        raise NotYet(UNFINISHED)
    if answer is None and not may_be_none:
        raise NotYet("Your function gives nothing back: is there a return?")
    return answer


def number(given):
    """A finite float of one number in any usual form (Python, NumPy, torch, pandas). NotYet for what is none."""
    if unfinished(given):
        raise NotYet(UNFINISHED)
    if given is None:
        raise NotYet("One number is needed, but this is None.")
    size = given.numel() if hasattr(given, "numel") else getattr(given, "size", 1)
    value = given.item() if hasattr(given, "item") and size == 1 else given
    if size != 1 or isinstance(value, (list, tuple, dict, set, str, bytes, bool)):
        raise NotYet(f"One number is needed, but this is {a_kind(given)}.")
    given = float(value)
    if not math.isfinite(given):
        raise NotYet("That is not a finite number.")
    return given


def close(given, expected, tolerance=1e-6):
    """Whether two numbers differ by at most ``tolerance``."""
    return abs(float(given) - expected) <= tolerance


def known_mistake(given, hints, tolerance=1e-6, relative=0.0):
    """Raise NotYet with the hint of a mistake that leads to the number ``given``.

    hints: dict from what a mistake gives to its hint. tolerance, relative: how near counts, as in math.isclose.
    """
    for wrong, hint in hints.items():
        if math.isclose(given, wrong, rel_tol=relative, abs_tol=tolerance):
            raise NotYet(hint)


def claim(sentence, *conditions):
    """State a finding: print ``sentence`` if all conditions hold.

    conditions: at least one, each True or False (NumPy's and torch's too).
    Raises AssertionError for one that does not hold, with the sentence, the condition and its numbers;
    TypeError for no condition, or for one that is neither True nor False.
    """
    if not conditions:
        raise TypeError(f"A claim needs a condition that can fail: claim({sentence!r}, …).")
    for place, condition in enumerate(conditions, 1):
        if str(getattr(condition, "dtype", type(condition).__name__)) not in ("bool", "torch.bool"):
            raise TypeError(f"Condition {place} of this claim must be True or False, but is {condition!r}.")
        if not condition:
            raise AssertionError(f"No longer true: {sentence}\n{_why(sys._getframe(1), place)}")
    print(textwrap.fill(sentence, 80, break_on_hyphens=False))


def _why(frame, place):
    """The source of a call's argument, and the values of what it compares, from the frame that called."""
    source = "".join(linecache.getlines(frame.f_code.co_filename))
    line, end, column, _ = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    calls = [node for node in calls if (node.lineno, node.end_lineno, node.col_offset) == (line, end, column)]
    if not calls or any(isinstance(node, ast.Starred) for node in calls[0].args):
        return f"Condition {place} does not hold."
    condition = calls[0].args[place]
    lines = [f"It needs: {ast.unparse(condition)}"]
    for node in ast.walk(condition):
        for part in [node.left, *node.comparators] if isinstance(node, ast.Compare) else []:
            if not isinstance(part, ast.Constant):
                try:
                    value = eval(ast.unparse(part), frame.f_globals, frame.f_locals)
                except NameError:  # of a loop inside the condition
                    continue
                lines.append(f"  {ast.unparse(part)} is {value}")
    return "\n".join(dict.fromkeys(lines))
