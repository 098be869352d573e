"""Copy one lesson into a folder of its own, to use it in another course.

    python notebooks/lift.py LESSON FOLDER

LESSON is a folder of helpers with a notebook: encryption, reidentification, inversion, text or defences. FOLDER is
empty, or not there yet. It gets the lesson's notebooks and deck, its helpers with all that they import, its tests, and
a README and requirements that name only what it needs. The pack stays as it is.
"""

import ast
import re
import shutil
import sys
from pathlib import Path

import nbformat

PACK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PACK))

from notebooks import student  # noqa: E402

# Packages that are imported by another name than they are installed by.
INSTALLED_AS = {"PIL": "pillow", "skimage": "scikit-image", "sklearn": "scikit-learn"}
EVERYBODY = {"jupyterlab", "nbval", "pytest", "tqdm"}  # run or build what is lifted
README = """# From the course pack *Failures in Data Privacy*

{lessons}

## Start

You need Python 3.11 or newer. In a terminal, in this folder:

```sh
python3 -m venv .venv && .venv/bin/pip install -r requirements.txt && .venv/bin/jupyter lab
```

On Windows:

```bat
py -m venv .venv && .venv\\Scripts\\pip install -r requirements.txt && .venv\\Scripts\\jupyter lab
```

Then open the folder `notebooks`.

## Test

```sh
.venv/bin/pip install -r tests/requirements.txt && .venv/bin/python -m pytest -m "not slow"
```

## Change and publish

`python notebooks/execute.py` runs the notebook and stores it. `python notebooks/stamp.py ADDRESS` writes your
repository's address into the Colab link and the notebook. The link opens the branch `student`, which holds what
`python notebooks/student.py FOLDER` writes: the same without outputs. `python slides/build.py` builds the slides again.

Code is under the MIT licence, text under CC BY 4.0: see [LICENSE](LICENSE).
"""


def imported(source, package=()):
    """The modules that Python source imports, as tuples of names; ``package`` is where it lies, for relative ones."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # One dot is the package itself; each further dot is one folder up.
            base = tuple(package)[: len(package) - node.level + 1] if node.level else ()
            module = base + tuple((node.module or "").split(".")) * bool(node.module)
            yield from (module + (alias.name,) for alias in node.names)


def rooms(helpers):
    """{room: the rooms that its files import}: a room is a lesson's folder or a shared file of ``helpers``."""
    found = {}
    for file in helpers.rglob("*.py"):
        parts = file.relative_to(helpers).with_suffix("").parts
        others = {name[1] for name in imported(file.read_text(encoding="utf-8"), ("helpers", *parts[:-1]))
                  if name[0] == "helpers" and len(name) > 1}  # fmt: skip
        found.setdefault(parts[0], set()).update(others - {parts[0]})
    found.pop("__init__")
    return found


def code(notebook):
    return "\n".join(cell.source for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code")


def lessons(pack=PACK):
    """{lesson: its notebooks}. A notebook belongs to the lesson whose exercises it imports."""
    found = {}
    for notebook in sorted((pack / "notebooks").glob("*.ipynb")):
        for name in imported(code(notebook)):
            if name[0] == "helpers" and name[-1] == "exercises":
                found.setdefault(name[1], []).append(notebook)
    return found


def reached(start, arrows):
    """``start`` and all that can be reached from it along ``arrows``, a dict of sets."""
    found, ahead = set(), set(start)
    while ahead:
        found |= ahead
        ahead = set().union(*(arrows[one] for one in ahead)) - found
    return found


def requirements(text, sources):
    """The lines of a requirements file that Python ``sources`` need, and those that everybody needs."""
    names = {name[0] for source in sources for name in imported(source)}
    needed = {INSTALLED_AS.get(name, name).replace("_", "-") for name in names} | EVERYBODY
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return "".join(f"{line}\n" for line in lines if re.match(r"[\w-]+", line).group() in needed)


def helpers_of(notebooks, pack):
    """The files of helpers that ``notebooks`` import, and those that these import."""
    called = {name[1] for path in notebooks for name in imported(code(path)) if name[0] == "helpers"}
    folders = [pack / "helpers" / room for room in sorted(reached(called, rooms(pack / "helpers")))]
    inside = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]
    shared = [folder.with_suffix(".py") for folder in folders if not folder.is_dir()]
    return [pack / "helpers" / "__init__.py", *shared, *inside]


def tests_of(lesson, pack):
    """The lesson's tests, and the tools that they import."""
    tests = sorted((pack / "tests" / lesson).glob("*.py"))
    tools = {path.stem: path for path in (pack / "tests" / "tools").glob("*.py")}
    called = {path: {name[0] for name in imported(read(path))} & tools.keys() for path in [*tests, *tools.values()]}
    arrows = {stem: called[path] for stem, path in tools.items()}
    return tests + [tools[stem] for stem in sorted(reached(set().union(*(called[path] for path in tests)), arrows))]


def slides_of(notebooks, pack):
    """The decks of ``notebooks``, the pages of slides that they link to, and what builds them."""
    stems = {path.stem for path in notebooks}
    for path in notebooks:
        stems |= set(re.findall(r"\.\./slides/(\w+)\.html", read(path)))
    named = [path for stem in sorted(stems) for path in (pack / "slides").glob(f"{stem}.*")]
    return (
        named
        + [pack / "slides" / name for name in ("build.py", "built.json", "theme.css")]
        + sorted((pack / "slides" / "fonts").iterdir())
    )


def read(path):
    return path.read_text(encoding="utf-8")


def readme(notebooks):
    """What stands in the first cell of each notebook: its title, what one learns, and its link to Colab."""
    parts = []
    for path in notebooks:
        first = nbformat.read(path, as_version=4).cells[0].source
        title = re.search(r"^# (.+)$", first, re.MULTILINE).group(1)
        aims = re.search(r"^\*?\*?By the end.+?(?=\n\n\*\*|\Z)", first, re.MULTILINE | re.DOTALL)
        colab = re.search(r"\((https://colab\.research[^)]+)\)", first).group(1)
        pages = sorted(set(re.findall(r"\.\./slides/(\w+\.\w+)", first)))
        links = f"[Notebook](notebooks/{path.name}) · [in Colab]({colab}) · slides: "
        links += ", ".join(f"[{page}](slides/{page})" for page in pages)
        parts += [f"## {title}", links, aims.group() if aims else ""]
    return README.format(lessons="\n\n".join(filter(None, parts)))


def lift(lesson, folder, pack=PACK):
    """Write ``folder``. Raises ValueError for an unknown lesson, or a folder that holds something."""
    known = lessons(pack)
    if lesson not in known:
        raise ValueError(f"There is no lesson {lesson!r}. There are: {', '.join(known)}.")
    folder = student.new_folder(folder)
    notebooks, tests = known[lesson], tests_of(lesson, pack)
    helpers, slides = helpers_of(notebooks, pack), slides_of(notebooks, pack)
    called = {name[1] for path in tests for name in imported(read(path)) if name[0] == "notebooks"}
    programs = [pack / "notebooks" / f"{name}.py" for name in sorted(called | {"execute", "stamp", "student"})]
    settings = [pack / name for name in ("LICENSE", "pyproject.toml", ".gitignore", ".gitattributes")]
    settings += (pack / "notebooks").glob("*.md")  # what one may attack
    for path in [*notebooks, *programs, *helpers, *slides, *tests, *settings]:
        copy = folder / path.relative_to(pack)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    run = [*map(code, notebooks), *(read(path) for path in helpers if path.suffix == ".py")]
    all_lines = read(pack / "requirements.txt"), read(pack / "tests" / "requirements.txt")
    needed = requirements(all_lines[0], run)
    tested = requirements("\n".join(all_lines), map(read, tests)).splitlines(keepends=True)
    written = {
        "README.md": readme(notebooks),
        "requirements.txt": needed,
        "tests/requirements.txt": "".join(line for line in tested if line not in needed),
    }
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main(arguments):
    if len(arguments) != 2 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__)
    try:
        lift(*arguments)
    except ValueError as problem:
        sys.exit(str(problem))
    print(f"{arguments[0]} is in {arguments[1]}. Its README.md says how to start and test it.")


if __name__ == "__main__":
    main(sys.argv[1:])
