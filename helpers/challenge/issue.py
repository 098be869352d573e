"""A folder for each student of a list."""

import csv
import io
import json
import re
import shutil
from pathlib import Path

from .. import inputs
from .files import made, write
from .keys import Source, a_source, plain_name

MOST_LISTED = 5_000_000  # bytes of a list
HOME = Path(__file__).resolve().parents[2]  # of the pack


def read_students(path):
    """The names in a students' list: a CSV file whose first line names the columns, one of them "name".

    Commas, semicolons and tabs separate; UTF-8, with or without a byte-order mark, or Excel's Windows-1252.
    Returns two lists of texts: names, each once, in order; and lines about what was left out, and why.
    Raises ValueError for a file that cannot be read, has no such column, or no name.
    """
    path = inputs.path("path", path)
    try:
        content = path.read_bytes() if path.stat().st_size <= MOST_LISTED else b""
    except OSError as problem:
        raise ValueError(f"{path} cannot be read: {problem.strerror}.") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if not text.strip() or "\0" in text:
        raise ValueError(f"{path} is no students' list: it is empty, too large, or no text. Save it as CSV.")
    header, rows = _table(text, path)
    column, names, left_out = header.index("name"), [], []
    for line, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            if any(cell.strip() for cell in row[len(header) :]):
                raise ValueError("It has more cells than the first line. Put a name with a comma in quotes.")
            name = plain_name(row[column] if column < len(row) else "")
        except ValueError as problem:
            left_out.append(f"Line {line} was left out. {problem}")
            continue
        if name in names:
            left_out.append(f"Line {line}: {name} stands twice. One folder is made; if these are two, tell them apart.")
        else:
            names.append(name)
    if not names:
        raise ValueError(f"{path} holds no name below its first line. {' '.join(left_out[:3])}".strip())
    return names, left_out


def _table(text, path):
    """The names of a list's columns, and its rows with the number of the line on which each ends."""
    for separator in ",;\t":
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            header = [cell.strip().casefold() for cell in next(reader)]
        except csv.Error:
            continue
        if "name" in header:
            try:
                return header, [(reader.line_num, row) for row in reader]
            except csv.Error as problem:
                raise ValueError(f"{path} is no CSV file: line {reader.line_num}: {problem}.") from None
    first = text.splitlines()[0][:80]
    raise ValueError(f'{path}: the first line must name the columns, and one of them "name". It is: {first!r}')


def folder_of(source):
    """The name of a student's folder: letters and digits of theirs, and eight that nobody else's has or guesses."""
    readable = re.sub(r"\W+", "-", a_source(source).name).strip("-")[:40].rstrip("-")
    return f"{readable or 'student'}-{source.bytes('folder').hex()[:8]}"


def issue(students, folder, key, key_path=None):
    """Write a challenge folder for each student into ``folder``; yields a line of report for each, as it is done.

    students: names. folder: is made where it is missing. A student's folder that is there already stays as it is, so
    that a list can grow. The last line counts what is there. key: 32 bytes, see read_key. key_path: where it lies, to
    be refused inside ``folder``. Raises ValueError for a folder that cannot be written, or that holds a folder of one
    of these students from another key.
    """
    names = [plain_name(name) for name in inputs.sequence("students", students)]
    sources = [Source(key, name) for name in names]
    folder = inputs.path("folder", folder).resolve()
    if folder.is_relative_to(HOME):
        raise ValueError(f"{folder} is inside the pack, with which it would be published. Give a folder beside it.")
    if key_path and Path(key_path).expanduser().resolve().is_relative_to(folder):
        raise ValueError(f"The class key lies in {folder}, which you hand out. Keep it elsewhere.")
    _refuse_another_key(sources, folder)
    return _issue(sources, folder)


def _refuse_another_key(sources, folder):
    mark = {source.name: folder_of(source)[-8:] for source in sources}
    for path in sorted(folder.glob("*/challenge.json")):
        try:
            name = json.loads(path.read_text(encoding="utf-8"))["name"]
        except (OSError, ValueError, TypeError, KeyError):
            continue  # a student's folder that somebody spoilt; none of ours is read again
        if isinstance(name, str) and not path.parent.name.endswith(mark.get(name, "")):
            raise ValueError(
                f"{path.parent} was made for {name} with another key. Give that key, or issue into another folder."
            )


def _issue(sources, folder):
    for source in sources:
        name = folder_of(source)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / name).exists():
                yield f"{source.name}: was there already, in {name}"
                continue
            # Whole or not at all: a run that is stopped leaves no half folder under a student's name.
            unfinished = folder / f".unfinished-{name}"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            write(made(source), unfinished)
            unfinished.rename(folder / name)
        except OSError as problem:
            raise ValueError(f"{folder} cannot be written: {problem.strerror}.") from None
        yield f"{source.name}: {name}"
    folders = [folder / folder_of(source) for source in sources]
    sizes = [path.stat().st_size for one in folders for path in one.rglob("*") if path.is_file()]
    yield f"{len(folders)} folders, {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB. Zip each folder and send it."
