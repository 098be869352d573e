"""Copy the pack for students: the same, but no code cell has an output, so that nothing answers a question early.

    python notebooks/student.py FOLDER

FOLDER is empty, or not there yet, and outside the pack. Of a git checkout, it gets what git tracks, so no key and no
list of a class: `git add` a new notebook first. Workflows stay behind, since nothing is to run from the copy, and the
tests that solve challenges. The workflow that publishes the pack keeps such a copy on the branch student, where the
links to Colab lead.

Where pyproject.toml says generative_ai_disabled = true, Google Colab offers no help by AI in the copy's notebooks.
"""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

PACK = Path(__file__).resolve().parent.parent
# All that stands at the top of the pack. Whatever else lies there is its owner's: grades, an environment.
TOP = ("notebooks", "helpers", "slides", "tests", "requirements.txt", "README.md", "LICENSE", "pyproject.toml",
       "CITATION.cff", ".gitignore", ".gitattributes", ".ci", ".github", ".binder", ".devcontainer")  # fmt: skip
BEHIND = (".github/workflows", "tests/challenge", "tests/tools/challenge_attackers.py")


def cleared(text, without_ai=False):
    """The JSON ``text`` of a notebook, without the outputs of its code cells. All else stays as it is, to the byte.

    without_ai: whether Colab is told to switch its help by AI off.
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    if without_ai:
        notebook["metadata"].setdefault("colab", {})["generative_ai_disabled"] = True
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def without_ai(pack=PACK):
    """Whether pyproject.toml of ``pack`` says that Colab's help by AI is off."""
    settings = tomllib.loads((pack / "pyproject.toml").read_text(encoding="utf-8"))
    return settings["tool"]["failures-in-data-privacy"]["generative_ai_disabled"]


def new_folder(folder):
    """The whole path of ``folder``. Raises ValueError where something is there that is no empty folder."""
    folder = Path(folder).expanduser().resolve()
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ValueError(f"{folder} is not an empty folder. Nothing was written: give the name of a new one.")
    return folder


def beside(folder, pack):
    """The whole path of ``folder``. Raises ValueError where it is inside ``pack``."""
    folder = Path(folder).expanduser().resolve()
    if folder.is_relative_to(pack):
        raise ValueError(f"{folder} is inside the pack. Nothing was written: give a folder beside it.")
    return folder


def handed_out(pack):
    """Yields the files that students get, as paths inside ``pack``: what git tracks, since its owner chose that.

    Without git, or where it tracks nothing, as in an unpacked zip: all that .gitignore does not name.
    """
    git = [shutil.which("git"), "ls-files", "-z"]
    tracked = os.fsdecode(subprocess.run(git, cwd=pack, capture_output=True).stdout) if git[0] else ""
    every = map(Path, tracked.split("\0")[:-1]) if tracked else (path.relative_to(pack) for path in pack.rglob("*"))
    ignored = [line.rstrip("/") for line in (pack / ".gitignore").read_text(encoding="utf-8").splitlines()]
    for path in sorted(set(every)):
        if path.parts[0] not in TOP or any(path.is_relative_to(one) for one in BEHIND) or not (pack / path).is_file():
            continue
        private = any(fnmatch(part, pattern) for part in path.parts for pattern in ignored)
        issued = any((pack / folder / "challenge.json").exists() for folder in path.parents[:-2])  # to one student
        if not (private or issued):
            yield path


def copy(folder, pack=PACK):
    """Write the copy of ``pack`` into ``folder``.

    Raises ValueError for a folder that holds something or is inside the pack, OSError for one that cannot be written.
    """
    folder = new_folder(beside(folder, pack))
    for path in handed_out(pack):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(pack / path, folder / path)
        if path.suffix == ".ipynb":
            text = cleared((pack / path).read_text(encoding="utf-8"), without_ai(pack))
            (folder / path).write_text(text, encoding="utf-8", newline="\n")


def main(arguments):
    if len(arguments) != 1 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__)
    try:
        copy(arguments[0])
    except ValueError as problem:
        sys.exit(str(problem))
    except OSError as problem:
        sys.exit(f"{problem}. The copy is not whole. Give another folder that can be written, on a disk with room.")
    print(f"The copy for students is in {arguments[0]}.")


if __name__ == "__main__":
    main(sys.argv[1:])
