"""Submissions, read without trust, and their points.

A submission is JSON and nothing else: it is never unpacked, unpickled or imported. Only two files are written, whose
names do not depend on any submission.
"""

import csv
import datetime
import hmac
import json
import os
import unicodedata
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from .. import inputs
from ..picture import BLUE, GREY, WIDTH, as_picture
from ..progress import bar
from .files import PACK
from .keys import Source, one_line, plain_name
from .releases import NUMBERS
from .scores import EACH, Points, points, seal

FEWEST = 5  # graded submissions on a board: of fewer, everybody knows whose dot is whose
MOST = 4_000_000  # bytes of a submission; a whole one has about 0.5 million


class Grade(NamedTuple):
    """One submission: whose, in which file, its points (five numbers from 0 to 20, or none) and what was wrong."""

    name: str
    file: str
    points: tuple
    reason: str


def read_submission(path):
    """What stands in a submission: a dict with name, seal and answers. Raises ValueError, with the reason."""
    path = inputs.path("path", path)
    try:
        if path.is_symlink() or not path.is_file():
            raise ValueError("is no file but a link or something else: it was not followed")
        if path.stat().st_size > MOST:
            raise ValueError(f"has {path.stat().st_size / 1e6:.0f} MB: a submission has at most {MOST // 1_000_000}")
        with path.open("rb") as file:
            content = file.read(MOST)
    except OSError as problem:
        raise ValueError(f"cannot be read: {problem.strerror}") from None
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:2]
    if not start:
        raise ValueError("is empty")
    if start == b"PK":
        raise ValueError("is a zip: hand in the .json file itself. It was not unpacked")
    if start[:1] == b"<":
        raise ValueError("is a web page: hand in the .json file that the notebook wrote")
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise ValueError(f"is no JSON ({str(problem)[:80] or 'nested too deeply'})") from None
    if not isinstance(found, dict) or found.get("pack") != PACK:
        raise ValueError("is not the file that challenge.submit wrote: it may be another notebook's")
    if not all(isinstance(found.get(part), kind) for part, kind in (("name", str), ("seal", str), ("answers", dict))):
        raise ValueError("lacks its name, its seal or its answers: write it again with challenge.submit")
    return found


def _refuse(constant):
    raise ValueError(f"it holds {constant}")


def grade(submissions, key, until=None):
    """Grade all files below the folder ``submissions``: a list of Grade, by name, those without points last.

    key: 32 bytes, the one that the challenges were issued with. until: a datetime; a file changed later earns nothing
    and says so. Of several by one student, the last in time counts, and each student is named once. Hidden files are
    passed over. Raises ValueError where there is no such folder, TypeError for another ``until``.
    """
    folder = inputs.path("submissions", submissions)
    Source(key, "anybody")  # raises for what is no key
    if until is not None and not isinstance(until, datetime.datetime):
        raise TypeError(f"until must be a datetime, but {inputs.described(until)} was given.")
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder. Unpack what your platform gave you, and name that folder.")
    found, grades = {}, []
    for path in bar(list(_files(folder)), "files read"):
        changed = path.lstat().st_mtime
        file = path.relative_to(folder).as_posix().encode("utf-8", "replace").decode()
        try:
            read = read_submission(path)
            name = plain_name(read["name"])
            if not hmac.compare_digest(read["seal"].encode("utf-8", "replace"), seal(Source(key, name)).encode()):
                # Anybody can write any name: it stands in no column until its seal has shown that it is theirs.
                told = "was not made for this name with this key: another's, practice, or an older pack"
                raise ValueError(f"says that it is {name}'s, but {told}")
        except ValueError as problem:
            grades.append(Grade("", file, (), str(problem)))
            continue
        found.setdefault(name, []).append((changed, file, read["answers"]))
    for name, several in bar(found.items(), "submissions graded"):
        grades.append(_graded(Source(key, name), sorted(several, key=lambda one: one[:2]), until))
    return sorted(grades, key=lambda one: (not one.points, one.name.casefold(), one.file))


def _graded(source, several, until):
    """One student's Grade, from all their files, the oldest first: when it was changed, its path, its answers."""
    late = [one for one in several if until is not None and one[0] > until.timestamp()]
    reasons = [
        f"late: {file} was last changed at {datetime.datetime.fromtimestamp(changed, until.tzinfo):%Y-%m-%d %H:%M}"
        for changed, file, _ in late
    ]
    if len(late) == len(several):
        return Grade(source.name, late[-1][1], (), "; ".join(reasons))
    *earlier, (_, file, answers) = several[: len(several) - len(late)]
    earned = [_points(number, source, answers.get(str(number), {})) for number in NUMBERS]
    wrong = [f"{number}: {one.reason}" for number, one in zip(NUMBERS, earned, strict=True) if one.reason]
    reasons = wrong + [f"an earlier file was passed over: {one[1]}" for one in earlier] + reasons
    return Grade(source.name, file, tuple(round(EACH * one.points, 1) for one in earned), "; ".join(reasons))


def _points(number, source, answers):
    try:
        return points(number, source, answers)
    except Exception as problem:  # one submission must not stop the class: the report names it
        return Points(0.0, f"could not be graded, look at it ({type(problem).__name__}: {str(problem)[:100]})")


def _files(folder):
    """All files and links below a folder, those in hidden folders and behind links left out."""
    for where, inside, names in os.walk(folder, followlinks=False):
        inside[:] = sorted(name for name in inside if not name.startswith((".", "__MACOSX")))
        linked = [name for name in inside if Path(where, name).is_symlink()]
        yield from (Path(where, name) for name in sorted(names + linked) if not name.startswith("."))


def harmless(text):
    """A text, in one line, that no spreadsheet takes for a formula. Raises TypeError for what is no text."""
    text = one_line(text)
    return f"'{text}" if unicodedata.normalize("NFKC", text[:1]) in {"=", "+", "-", "@"} else text


def write_points(grades, path):
    """Write grades, from grade, as CSV: name, five columns of points, total, file, reason. Excel reads its umlauts."""
    with Path(path).open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", *(f"challenge {number}" for number in NUMBERS), "total", "file", "reason"])
        for one in _checked(grades):
            earned = one.points or [0] * len(NUMBERS)
            texts = [harmless(text) for text in (one.name, one.file, one.reason)]
            table.writerow([texts[0], *earned, round(sum(earned), 1), *texts[1:]])


@as_picture
def board(grades):
    """The points of all, without names: a dot a student and challenge; each challenge is sorted for itself.

    grades: from grade. So nobody can follow one student from row to row. Returns a Picture.
    """
    earned = np.array([one.points for one in _checked(grades) if one.points]).reshape(-1, len(NUMBERS))
    fig = Figure(figsize=(WIDTH, 3.6))
    axes = fig.add_subplot()
    for number, column in zip(NUMBERS, earned.T, strict=True):
        spread = np.linspace(-0.3, 0.3, len(column)) if len(column) > 1 else np.zeros(len(column))
        axes.plot(np.sort(column), number + spread, "o", color=BLUE, markersize=4, alpha=0.7)
        if len(column):
            axes.plot([np.median(column)] * 2, [number - 0.4, number + 0.4], color=GREY, linewidth=2, zorder=1)
    title = f"What {len(earned)} submissions earned; grey: the median"
    axes.set(title=title, xlabel=f"points, of {EACH}; 0 is the stated guess", ylabel="challenge", xlim=(-0.5, 20.5))
    axes.set_xticks(range(0, EACH + 1, 5))
    axes.set_yticks(NUMBERS)
    axes.set_ylim(5.6, 0.4)
    medians = (f"challenge {n} {np.median(column):.1f}" for n, column in zip(NUMBERS, earned.T, strict=True))
    return fig, f"{title}. Medians: {'; '.join(medians) if len(earned) else 'none'}."


def _checked(grades):
    if not all(isinstance(one, Grade) for one in inputs.sequence("grades", grades)):
        raise TypeError(f"grades must come from grade, but {inputs.described(grades)} was given.")
    return grades
