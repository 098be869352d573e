"""Hand out a challenge to each student of a class, and grade what comes back.

    python -m helpers.challenge key class.key
    python -m helpers.challenge issue students.csv FOLDER --key class.key
    python -m helpers.challenge grade SUBMISSIONS --key class.key [--until 2026-12-01T18:00]
        [--students students.csv] [--to FOLDER]

The first makes the class key, once: keep it secret, and keep it. The second writes a folder for each student of the
list; send each their own. The third reads every submission below a folder, and writes points.csv and board.png; the
list is for naming those who handed in nothing.
"""

import argparse
import datetime
import sys
from pathlib import Path

from .grade import FEWEST, Grade, board, grade, harmless, write_points
from .issue import issue, read_students
from .keys import new_key, read_key


def _until(text):
    try:
        until = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("--until must look like 2026-12-01T18:00, or 2026-12-01") from None
    return until if len(text) > 10 else datetime.datetime.combine(until, datetime.time.max)  # 10: a day alone


def _arguments(given):
    parser = argparse.ArgumentParser(
        "python -m helpers.challenge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key", help="make a class key").add_argument("path")
    some = commands.add_parser("issue", help="write a folder for each student")
    some.add_argument("students", help='CSV; its first line names the columns, and one is "name"')
    some.add_argument("folder")
    some.add_argument("--key", required=True)
    some = commands.add_parser("grade", help="read submissions, write points.csv and board.png")
    some.add_argument("submissions", help="a folder; files may lie in folders of it")
    some.add_argument("--key", required=True)
    some.add_argument("--until", type=_until, help="when a file may last have been changed; a day means its end")
    some.add_argument("--students", help="the list, to name those who handed in nothing")
    some.add_argument("--to", default=".", help="where to write; this folder unless told")
    return parser.parse_args(given)


def main(given):
    """Do what the command line ``given`` says; return 1 where that is not possible, with a sentence on stderr."""
    asked = _arguments(given)
    try:
        if asked.command == "key":
            new_key(asked.path)
            print(f"{asked.path} holds the class key. Keep it secret: it grades, and whoever has it has all answers.")
        elif asked.command == "issue":
            names, left_out = read_students(asked.students)
            print(*left_out, sep="\n", end="\n" * bool(left_out))
            for line in issue(names, asked.folder, read_key(asked.key), asked.key):
                print(line, flush=True)
        else:
            _grade(asked)
    except (TypeError, ValueError, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


def _grade(asked):
    folder, key = Path(asked.to).expanduser(), read_key(asked.key)
    names = read_students(asked.students)[0] if asked.students else []
    for name in ("points.csv", "board.png"):
        if (folder / name).exists():
            raise ValueError(f"{folder / name} is there already. Move it away, or write elsewhere: --to FOLDER")
    grades = grade(asked.submissions, key, asked.until)
    files, graded = len(grades), sum(bool(one.points) for one in grades)
    seen, nobodys = {one.name for one in grades}, any(not one.name for one in grades)
    nothing = "nothing that shows it is theirs: see nobody's files" if nobodys else "nothing handed in"
    grades += [Grade(name, "", (), nothing) for name in names if name not in seen]
    folder.mkdir(parents=True, exist_ok=True)
    write_points(grades, folder / "points.csv")
    for one in grades:
        if one.reason:
            print(harmless(f"{one.name or 'nobody'} ({one.file or 'no file'}): {one.reason}"))
    print(f"{graded} of {files} files were graded: see {folder / 'points.csv'}")
    if not graded and any(one.reason.startswith("late:") for one in grades):
        print("Every file that could be graded is late: did unpacking change the dates?")
    if graded < FEWEST:
        print(f"No board.png was drawn: of fewer than {FEWEST} graded submissions it would tell whose is whose.")
    else:
        (folder / "board.png").write_bytes(board(grades).png)


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a redirected one on Windows does not know every name's letters
    sys.exit(main(sys.argv[1:]))
