"""Hand out a challenge to each student of a class, and grade what comes back.

    python -m helpers.challenge key class.key
    python -m helpers.challenge issue students.csv FOLDER --key class.key
    python -m helpers.challenge grade SUBMISSIONS --key class.key [--until 2026-12-01T18:00] [--to FOLDER]

The first makes the class key, once: keep it secret, and keep it. The second writes a folder for each student of the
list; send each their own. The third reads every submission below a folder, and writes points.csv and board.png.
"""

import argparse
import datetime
import sys
from pathlib import Path

from .grade import board, grade, harmless, write_points
from .issue import issue, read_students
from .keys import new_key, read_key


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
    some.add_argument("--until", type=datetime.datetime.fromisoformat, help="when a file may last have been changed")
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
    grades = grade(asked.submissions, read_key(asked.key), asked.until)
    folder = Path(asked.to).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    write_points(grades, folder / "points.csv")
    (folder / "board.png").write_bytes(board(grades).png)
    for one in grades:
        if one.reason:
            print(harmless(f"{one.name or 'nobody'} ({one.file}): {one.reason}"))
    print(f"{sum(bool(one.points) for one in grades)} of {len(grades)} files were graded: see {folder / 'points.csv'}")


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # a redirected one on Windows does not know every name's letters
    sys.exit(main(sys.argv[1:]))
