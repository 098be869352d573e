"""Build the slide decks from their Markdown sources and from the executed notebooks.

    python slides/build.py                  all decks, HTML and PDF
    python slides/build.py 03               the decks whose names begin with 03
    python slides/build.py draw             the page on which one draws a digit
    python slides/build.py --check          say which decks are older than their sources
    python slides/build.py --names 03       what a deck may take from its notebook

slides/NAME.md belongs to notebooks/NAME.ipynb, and to those that go further: 03b_…, 03c_… for a deck 03_….
Whatever these compute, and whatever the first one cites, is taken from there, by placeholders. CELL is the id of a
cell, or @ and some words that stand in the source of this one cell. REGEX is a regular expression; its first group,
or its whole match, is taken.

    {{figure:NAME}}            the picture of the cell tagged figure:NAME, with its text alternative
    {{figure:NAME:0.1-1}}      the same without the upper tenth (heights from 0 at the top to 1)
    {{claim:CELL}}             what the cell prints, as running text
    {{output:CELL}}            what the cell prints, line by line
    {{table:CELL}}             the table that the cell shows; {{table:CELL:A|B}} only these columns
    {{number:CELL:REGEX}}      a part of what the cell prints or shows
    {{text:CELL:REGEX}}        a part of a text cell, such as a cited figure with its [n]
    {{predict:CELL}}           the question after **Predict.** in a text cell
    {{section:N}}              the heading of section N
    {{references:1,3}}         these entries of the notebook's References

draw.html is no deck: it is the drawing pad of notebook 3, with the weights of the notebook's own networks.
Its build trains them, so it needs what the notebooks need (requirements.txt).

The build of decks needs nbformat, Node.js (it fetches Marp with npx, so the network too), and Chromium or
Chrome for the PDF. What it writes needs nothing: pictures and fonts are inside.
"""

import argparse
import base64
import hashlib
import html
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import nbformat
from tqdm import tqdm

SLIDES = Path(__file__).resolve().parent
NOTEBOOKS = SLIDES.parent / "notebooks"
BUILT = SLIDES / "built.json"  # for each deck the hashes of what it was built from, and of what came out
MARP = ["--yes", "@marp-team/marp-cli@4", "--no-stdin", "--html"]
PLACEHOLDER = re.compile(r"\{\{(\w+):(.+?)\}\}", re.DOTALL)


class DeckError(Exception):
    """A deck asks for something that its notebook does not have."""


# --- What a notebook offers ---------------------------------------------------------------------


class Tables(HTMLParser):
    """Collects the rows of the tables of a piece of HTML, as lists of cell texts."""

    def __init__(self):
        super().__init__()
        self.rows, self.inside = [], False

    def handle_starttag(self, tag, attributes):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.inside = True

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data.strip()


class Notebook:
    """An executed notebook, with those that go further, asked by the names that placeholders use."""

    def __init__(self, path):
        self.name = Path(path).name
        self.cells = nbformat.read(path, as_version=4).cells
        self.end = self.cells[-1].source
        for further in sorted(Path(path).parent.glob(f"{self.name[:2]}[b-z]_*.ipynb")):
            self.cells += nbformat.read(further, as_version=4).cells
        self.by_id = {cell.id: cell for cell in self.cells}

    def cell(self, name, kind):
        if name.startswith("@"):
            found = [c for c in self.cells if c.cell_type == kind and name[1:] in " ".join(c.source.split())]
            if len(found) != 1:
                raise DeckError(f"{name[1:]!r} stands in {len(found)} {kind} cells of {self.name}, not in one.")
            return found[0]
        if name not in self.by_id:
            raise DeckError(f"{self.name} has no cell with the id {name!r}. --names lists them.")
        cell = self.by_id[name]
        if cell.cell_type != kind:
            raise DeckError(f"The cell {name!r} of {self.name} is a {cell.cell_type} cell, not a {kind} cell.")
        return cell

    def printed(self, name):
        """All that the cell prints or shows as text."""
        outputs = self.cell(name, "code").outputs
        text = "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in outputs).strip()
        if not text:
            raise DeckError(f"The cell {name!r} of {self.name} shows no text. Was the notebook executed?")
        return text

    def figures(self):
        """{name: the HTML of its <img>} for the cells tagged figure:NAME."""
        found = {}
        for cell in self.cells:
            for tag in cell.metadata.get("tags", []):
                if tag.startswith("figure:"):
                    shown = "".join(o.get("data", {}).get("text/html", "") for o in cell.get("outputs", []))
                    found[tag.removeprefix("figure:")] = shown
        return found

    def part(self, text, pattern, name):
        """The one place of ``text`` that ``pattern`` finds, in one line."""
        text = " ".join(text.split())
        found = list(re.finditer(pattern, text))
        if len(found) != 1:
            raise DeckError(
                f"{pattern!r} is found {len(found)} times, not once, in the cell {name!r} of {self.name}: "
                f"{text[:300]!r}"
            )
        return found[0].group(1 if found[0].re.groups else 0)


# --- Placeholders -------------------------------------------------------------------------------


def figure(notebook, argument):
    name, _, part = argument.partition(":")
    figures = notebook.figures()
    if name not in figures:
        raise DeckError(f"{notebook.name} has no figure:{name}. It has: {', '.join(sorted(figures))}.")
    shown = re.search(r'src="data:image/png;base64,([^"]+)" alt="([^"]*)" width="(\d+)"', figures[name])
    if not shown:
        raise DeckError(f"The cell figure:{name} of {notebook.name} shows no picture with a text alternative.")
    png, alt = shown.group(1), shown.group(2)
    width, height = struct.unpack(">II", base64.b64decode(png)[16:24])
    size = ""
    if part:
        heights = re.fullmatch(r"([\d.]+)-([\d.]+)", part)
        top, bottom = map(float, heights.groups()) if heights else (1, 0)
        if not (0 <= top < bottom <= 1 and bottom - top < 1):
            raise DeckError(f"figure:{argument}: heights look like 0.1-1, from 0 at the top to 1.")
        height *= bottom - top
        size = f"; object-position: 0 {100 * top / (1 - bottom + top):.2f}%"
        if bottom - top < 0.8:  # more than a title and margins is gone
            alt = f"A part of this figure: {alt}"
    size = f"aspect-ratio: {width} / {height:.0f}; --ratio: {width / height:.4f}{size}"
    # data-width is the width in the notebook, where labels have 16 pixels: tests compare.
    return (
        f'<img class="figure" style="{size}" data-width="{shown.group(3)}" alt="{alt}" '
        f'src="data:image/png;base64,{png}">'
    )


def in_text(some):
    """``some`` as running text: in one line, and no per cent sign at the beginning of a line."""
    return re.sub(r"(?<=\d) %", "\N{NO-BREAK SPACE}%", " ".join(some.split()))


def claim(notebook, argument):
    return html.escape(in_text(notebook.printed(argument)), quote=False)


def output(notebook, argument):
    return f"```text\n{notebook.printed(argument)}\n```"


def table(notebook, argument):
    name, _, wanted = argument.partition(":")
    shown = "".join(o.get("data", {}).get("text/html", "") for o in notebook.cell(name, "code").outputs)
    reader = Tables()
    reader.feed(shown)
    rows = [row for row in reader.rows if row]
    if len(rows) < 2:
        raise DeckError(f"The cell {name!r} of {notebook.name} shows no table.")
    columns = range(1, len(rows[0]))
    if wanted:
        unknown = [column for column in wanted.split("|") if column not in rows[0]]
        if unknown:
            raise DeckError(f"The table of {name!r} in {notebook.name} has no column {unknown[0]!r}: {rows[0]}.")
        columns = [rows[0].index(column) for column in wanted.split("|")]
    lines = [[row[0], *(row[i] for i in columns)] for row in rows if len(row) == len(rows[0])]
    # Numbers stand below one another, words begin at one line.
    words = [not all(re.match(r"[-\d.]+ ?%?$", line[i]) for line in lines[1:]) for i in range(1, len(lines[0]))]
    lines.insert(1, ["---", *("---" if some else "--:" for some in words)])
    return "\n".join("| " + " | ".join(html.escape(cell, quote=False) for cell in line) + " |" for line in lines)


def number(notebook, argument):
    name, _, pattern = argument.partition(":")
    return html.escape(in_text(notebook.part(notebook.printed(name), pattern, name)), quote=False)


def text(notebook, argument):
    name, _, pattern = argument.partition(":")
    return in_text(notebook.part(notebook.cell(name, "markdown").source, pattern, name))


def predict(notebook, argument):
    found = re.search(r"\*\*Predict\.\*\* (.+?)(?:\n\n|$)", notebook.cell(argument, "markdown").source, re.DOTALL)
    if not found:
        raise DeckError(f"The cell {argument!r} of {notebook.name} asks no **Predict.** question.")
    return in_text(found.group(1))


def section(notebook, argument):
    for cell in notebook.cells:
        found = re.search(rf"^## {re.escape(argument)} · (.+?) \*\(.*?minutes\)\*", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and found:
            return f"Section {argument}: {found.group(1)}"
    raise DeckError(f"{notebook.name} has no section {argument!r}.")


def references(notebook, argument):
    source = notebook.end.split("## References")[-1]
    entries = dict(re.findall(r"^(\d+)\. (.+)$", source, re.MULTILINE))
    missing = [n for n in argument.split(",") if n not in entries]
    if missing:
        raise DeckError(f"{notebook.name} has no reference {missing[0]}.")
    return "\n".join(f"- [{n}] {entries[n]}" for n in argument.split(","))


KINDS = {
    kind.__name__: kind for kind in (figure, claim, output, table, number, text, predict, section, references)
}  # fmt: skip


def fill(source, notebook):
    """``source`` with each placeholder replaced by what ``notebook`` holds.

    Raises DeckError, which says what is missing and what there is.
    """

    def replaced(match):
        kind, argument = match.groups()
        if kind not in KINDS:
            raise DeckError(f"There is no placeholder {kind!r}. There are: {', '.join(KINDS)}.")
        return KINDS[kind](notebook, argument)

    filled = PLACEHOLDER.sub(replaced, source)
    if "{{" in filled or "}}" in filled:
        raise DeckError(f"A placeholder is not written as {{{{kind:argument}}}}: {filled[filled.find('{{') :][:60]!r}")
    return filled


# --- The page on which one draws ----------------------------------------------------------------

DRAW = SLIDES / "draw.html"
DRAW_NOTEBOOK = NOTEBOOKS / "03_model_inversion.ipynb"
DRAW_CELLS = ("imports", "bank", "pad-networks")  # what they leave behind is called pad
PAD = SLIDES.parent / "helpers" / "inversion"


def draw_sources():
    """A hash of what goes into draw.html, but for the notebook's data and the modules that its cells call."""
    notebook = Notebook(DRAW_NOTEBOOK)
    files = (PAD / "pad.js", PAD / "pad.css", PAD / "pad.py", SLIDES / "draw.template.html")
    texts = [notebook.cell(name, "code").source for name in DRAW_CELLS]
    return digest(json.dumps(texts + [file.read_text(encoding="utf-8") for file in files]))


def notebook_pad():
    """The DrawingPad of notebook 3, from its own cells, which are run here."""
    sys.path.insert(0, str(SLIDES.parent))
    names, notebook = {}, Notebook(DRAW_NOTEBOOK)
    try:
        for name in DRAW_CELLS:
            exec(compile(notebook.cell(name, "code").source, f"{notebook.name}, cell {name}", "exec"), names)
    except ImportError as problem:
        raise DeckError(
            f"draw.html is built by running cells of {notebook.name}: {problem}. See slides/README.md."
        ) from None
    return names["pad"]


def build_draw():
    """Write draw.html, one file that needs nothing else, and note its hash. Returns its size in bytes."""
    pad = notebook_pad()
    page = (SLIDES / "draw.template.html").read_text(encoding="utf-8")
    parts = {
        "style": (PAD / "pad.css").read_text(encoding="utf-8"),
        "module": (PAD / "pad.js").read_text(encoding="utf-8"),
        "header": json.dumps(pad.header),
        "weights": base64.b64encode(pad.packed).decode(),
    }
    for name, part in parts.items():
        page = page.replace(f"{{{{{name}}}}}", part)
    DRAW.write_text(page, encoding="utf-8", newline="\n")
    record(DRAW.stem, {"sources": draw_sources(), "html": digest(DRAW.read_bytes())})
    return DRAW.stat().st_size


def stale_draw():
    """Why draw.html must be built again, or None."""
    return outdated(DRAW, draw_sources, ["html"])


# --- Decks --------------------------------------------------------------------------------------


def decks():
    """The Markdown sources, one for each notebook that has a deck."""
    return sorted(SLIDES.glob("[0-9]*.md"))


def markdown(deck):
    """The Markdown that Marp gets: the deck's source with the notebook's pictures and numbers in it."""
    path = NOTEBOOKS / f"{deck.stem}.ipynb"
    if not path.exists():
        raise DeckError(f"{deck.name} belongs to {path.name}, which does not exist.")
    try:
        return fill(deck.read_text(encoding="utf-8"), Notebook(path))
    except DeckError as problem:
        raise DeckError(f"{deck.name}: {problem}") from None


def theme():
    """The theme with its fonts inside."""

    def inside(match):
        font = base64.b64encode((SLIDES / match.group(1)).read_bytes()).decode()
        return f"url(data:font/woff2;base64,{font})"

    css = (SLIDES / "theme.css").read_text(encoding="utf-8")
    return re.sub(r"url\((fonts/[\w.-]+)\)", inside, css)


def digest(content):
    return hashlib.sha256(content if isinstance(content, bytes) else content.encode()).hexdigest()


def sources(deck):
    """A hash of all that goes into the deck: its filled Markdown, the theme and the fonts, Marp's options."""
    return digest(json.dumps([markdown(deck), theme(), MARP]))


def built():
    return json.loads(BUILT.read_text(encoding="utf-8")) if BUILT.exists() else {}


def record(name, hashes):
    # Decks that are gone leave no record.
    kept = {old: some for old, some in built().items() if (SLIDES / f"{old}.md").exists() or old == DRAW.stem}
    text = json.dumps(kept | {name: hashes}, indent=2, sort_keys=True) + "\n"
    BUILT.write_text(text, encoding="utf-8", newline="\n")


def stale(deck):
    """Why the committed files of ``deck`` must be built again, or None."""
    return outdated(deck, lambda: sources(deck), ["html", "pdf"])


def outdated(path, sources_now, kinds):
    known = built().get(path.stem)
    if known is None:
        return "it was never built"
    if known["sources"] != sources_now():
        return "what it is built from has changed since"
    for kind in kinds:
        made = path.with_suffix(f".{kind}")
        if not made.exists() or digest(made.read_bytes()) != known[kind]:
            return f"{made.name} is not the one that was built"
    return None


def marp(arguments, folder):
    npx = shutil.which("npx")
    if npx is None:
        raise DeckError("npx was not found. Install Node.js 18 or newer: Marp, which makes the slides, runs on it.")
    environment = dict(os.environ)
    chrome = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chrome:
        environment.setdefault("CHROME_PATH", chrome)
    environment.setdefault("CHROME_NO_SANDBOX", "1")  # its sandbox does not start for root and in containers
    got = subprocess.run([npx, *MARP, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if got.returncode:
        raise DeckError(f"Marp failed. It needs the network for npx, and Chromium or Chrome for PDF.\n{got.stderr}")


def build(deck):
    """Write NAME.html and NAME.pdf and note their hashes. Returns their sizes in bytes."""
    filled = markdown(deck)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "deck.md").write_text(filled, encoding="utf-8")
        (Path(folder) / "theme.css").write_text(theme(), encoding="utf-8")
        for kind in ("html", "pdf"):
            marp(["deck.md", "-o", f"deck.{kind}", "--theme-set", "theme.css"], folder)
            shutil.copyfile(Path(folder) / f"deck.{kind}", deck.with_suffix(f".{kind}"))
    made = {kind: digest(deck.with_suffix(f".{kind}").read_bytes()) for kind in ("html", "pdf")}
    record(deck.stem, {"sources": sources(deck)} | made)
    return [deck.with_suffix(f".{kind}").stat().st_size for kind in ("html", "pdf")]


def names(deck):
    """A line for each cell that the deck may ask for."""
    notebook = Notebook(NOTEBOOKS / f"{deck.stem}.ipynb")
    for cell in notebook.cells:
        tags = [tag for tag in cell.metadata.get("tags", []) if tag.startswith("figure:")]
        shown = cell.source if cell.cell_type == "markdown" else "".join(o.get("text", "") for o in cell.outputs)
        if shown or tags:
            yield f"{cell.cell_type:8} {cell.id:24} {' '.join(tags)} {' '.join(shown.split())[:90]}"


def main(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("decks", nargs="*", help="beginnings of the names of decks; none: all of them")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--names", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [d for d in decks() if not options.decks or d.stem.startswith(tuple(options.decks))]
    # A lesson that was lifted out has no such page.
    draws = DRAW.stem in options.decks or (not options.decks and DRAW_NOTEBOOK.exists())
    if not chosen and not draws:
        raise DeckError(f"No deck is called {options.decks}. There are: {', '.join(d.stem for d in decks())}.")
    old = 0
    quick = options.names or options.check
    for deck in tqdm(chosen, "decks built", leave=False, disable=quick or None):  # None: where nobody looks
        if options.names:
            print(*names(deck), sep="\n")
        elif options.check:
            why = stale(deck)
            old += why is not None
            print(f"{deck.stem}: {why or 'up to date'}")
        else:
            page, pdf = build(deck)
            tqdm.write(f"{deck.stem}: HTML {page / 1e6:.2f} MB, PDF {pdf / 1e6:.2f} MB")
    if draws and options.check:
        why = stale_draw()
        old += why is not None
        print(f"{DRAW.stem}: {why or 'up to date'}")
    elif draws and not options.names:
        print(f"{DRAW.stem}: HTML {build_draw() / 1e6:.2f} MB")
    return old


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]) and 1)
    except DeckError as problem:
        sys.exit(str(problem))
