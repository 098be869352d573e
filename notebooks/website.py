"""Build a website of all notebooks and slide decks, to read and to try without installing anything.

    python notebooks/website.py            into the folder site
    python notebooks/website.py FOLDER

Text and outputs appear as they are committed. Each notebook runs once, so that its widgets are drawn in their
positions (positions.py) and move on the page without a kernel; what was drawn is kept until its sources change
(moving.py). Formulas become MathML, and all that a page needs lies in the site: it works from a folder, without a
network. Needs nbconvert, which comes with JupyterLab, and latex2mathml.
"""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from notebooks import execute, moving  # noqa: E402

PACK = Path(__file__).resolve().parent.parent
WEB = PACK / "notebooks" / "web"  # the pages' template, style and module
MANIFEST = ".failures-in-data-privacy"  # lists what was written into the folder, so that no more is deleted


class Renderer(IPythonRenderer):
    """nbconvert's reading of Markdown, with formulas as MathML and with GitHub's names for headings."""

    def inline_math(self, body):
        return convert(body)

    def block_math(self, body):
        return convert(body, display="block")

    def heading(self, text, level, **attributes):
        name = re.sub(r"[^\w -]", "", re.sub(r"<[^>]+>", "", text).lower()).replace(" ", "-")
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def link(self, text, url, title=None):
        if not re.match(r"\w+:", url):  # another notebook, or a page beside it
            url = re.sub(r"\.(ipynb|md)(?=#|$)", ".html", url)
        return super().link(text, url, title)

    def table(self, text):
        return f'<div class="table" tabindex="0" role="region" aria-label="Table"><table>{text}</table></div>'


def markdown_to_html(source):
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(source)


def page(notebook, title, links, root="", widgets=None):
    """The HTML of ``notebook``.

    links: dict from a label to an address, shown above and below. root: the way to the site's folder, such as "../".
    widgets: {cell id: HTML that stands for the cell's output}.
    """
    resources = {"metadata": {"name": title}, "links": links, "root": root, "widgets": widgets or {}}
    resources["module"] = (WEB / "widgets.js").read_text(encoding="utf-8")
    template = (WEB / "page.html.j2").read_text(encoding="utf-8")
    exporter = HTMLExporter(raw_template=template, filters={"markdown2html": markdown_to_html})
    return exporter.from_notebook_node(notebook, resources)[0]


def style():
    """The style of all pages, with the colours of code in light and in dark."""
    light, dark = (HtmlFormatter(style=name).get_style_defs(".highlight") for name in ("default", "github-dark"))
    rules = (WEB / "site.css").read_text(encoding="utf-8")
    code = f"@media print, (prefers-color-scheme: light) {{\n{light}\n}}\n"
    code += f"@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"
    return f"{code}\n.highlight {{ background: none }}\n{rules}"


def text_page(path, pack, copied):
    """A Markdown page of the pack as a notebook of one cell. Its links and pictures stay inside the site.

    copied: where files that it links to are to be put, as {path in the pack: path in the site}; it grows here.
    """
    folder = path.parent
    # Badges are pictures from elsewhere: their text stays.
    text = re.sub(r"!\[([^\]]*)\]\(https?://[^)]*\)", r"\1", path.read_text(encoding="utf-8"))

    def inside(target):
        """The address, from this page, of a file that it names; noted in ``copied``."""
        there = (folder / target).resolve().relative_to(pack.resolve()).as_posix()
        copied.setdefault(there, in_site(there))
        return os.path.relpath(copied[there], Path(in_site(path.relative_to(pack).as_posix())).parent)

    def link(match):
        target, hash_sign, place = match[1].partition("#")
        if not target or re.match(r"\w+:", target):
            return match[0]
        return f"]({Path(inside(target)).as_posix()}{hash_sign}{place})"

    text = re.sub(r"\]\(([^)]+)\)", link, text)
    text = re.sub(r'<img src="([^":]+)"', lambda match: f'<img src="{Path(inside(match[1])).as_posix()}"', text)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def in_site(path):
    """Where a file of the pack stands in the site: pages end in .html, and no folder begins with a dot."""
    path = re.sub(r"^\.\w+/", "", path)  # some servers hide such folders
    return "index.html" if path == "README.md" else re.sub(r"\.(ipynb|md)$", ".html", path)


def build(site, pack=PACK):
    """Write the website of the pack into the folder ``site``, and return its pages.

    A website that this program wrote there before is replaced: MANIFEST lists its files, and nothing else is
    deleted. It stays where the new one cannot be made. Raises ValueError for a folder that holds something else, or a
    file where a page should stand; OSError for one that cannot be written.
    """
    site = Path(site).expanduser()
    before = written_before(site)  # refused at once, not after minutes
    site.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site) as folder:  # on the same disk: all that can fill it comes first
        made = Path(folder)
        write(made, pack)
        files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        if foreign := [name for name in files if name not in before and (site / name).exists()]:
            raise ValueError(
                f"{site / foreign[0]} was not written by this program, and is in the way. Nothing was changed."
            )
        (made / MANIFEST).write_text("\n".join(files) + "\n", encoding="utf-8")
        for name in files:
            (site / name).parent.mkdir(parents=True, exist_ok=True)
        for name in [MANIFEST, *files]:  # the list first: if this stops half-way, the next build knows its files
            os.replace(made / name, site / name)
        for name in set(before).difference(files):
            (site / name).unlink(missing_ok=True)
    return [site / name for name in files if name.endswith(".html")]


def written_before(site):
    """The files in ``site`` that an earlier build wrote, as its manifest lists them."""
    if not site.exists() or (site.is_dir() and not any(site.iterdir())):
        return []
    if not (site / MANIFEST).is_file():
        raise ValueError(f"{site} holds something else than this website. Give an empty or new folder.")
    names = (site / MANIFEST).read_text(encoding="utf-8").splitlines()
    return [name for name in names if (site / name).resolve().is_relative_to(site.resolve())]


def write(site, pack):
    """Write all files of the website into ``site``, an empty folder."""
    (site / ".nojekyll").touch()  # GitHub Pages then publishes all files as they are
    (site / "site.css").write_text(style(), encoding="utf-8")
    decks = sorted((pack / "slides").glob("[0-9]*.html"))
    (site / "slides").mkdir()
    for file in (*decks, *(deck.with_suffix(".pdf") for deck in decks)):
        shutil.copy(file, site / "slides")
    drawing = pack / "slides" / "draw.html"  # the page on which one draws: it has no PDF
    if drawing.exists():
        alone = "body:has(#pad:target) > :not(main) { display: none }\n</style>"  # as it stands in notebook 3
        text = drawing.read_text(encoding="utf-8").replace("</style>", alone, 1)
        (site / "slides" / drawing.name).write_text(text, encoding="utf-8")
    (site / "notebooks").mkdir()
    ours = [path for path in sorted((pack / "notebooks").glob("*.ipynb")) if re.match(r"\d|challenge\.", path.name)]
    notebooks = {path: nbformat.read(path, as_version=4) for path in ours}  # an Untitled.ipynb stays out
    titles = {path: re.search(r"^# (.+)$", notebooks[path].cells[0].source, re.MULTILINE)[1] for path in notebooks}
    order = list(notebooks)
    for i, path in enumerate(order):
        print(f"{path.stem} ({i + 1} of {len(order)})", file=sys.stderr, flush=True)
        links = {"All lessons": "../index.html"}
        links |= {f"Previous: {short(titles[order[i - 1]])}": f"{order[i - 1].stem}.html"} if i else {}
        links |= {f"Next: {short(titles[order[i + 1]])}": f"{order[i + 1].stem}.html"} if path != order[-1] else {}
        for deck in decks:
            if deck.stem[:2] == path.stem[:2]:
                links |= {"Slides": f"../slides/{deck.name}", "Slides as PDF": f"../slides/{deck.stem}.pdf"}
        links["This notebook as a file"] = path.name
        widgets = moving.widgets(path, moving.drawn(path, pack), site / "notebooks")
        shown = page(notebooks[path], titles[path], links, "../", widgets)
        (site / "notebooks" / f"{path.stem}.html").write_text(shown, encoding="utf-8")
        shutil.copy(path, site / "notebooks")
    links = {"Lessons": "#the-lessons", "Teach with it": "slides/README.html"}
    links |= {"Draw your own digit": "slides/draw.html"} if drawing.exists() else {}
    texts, done = {"README.md": "index.html"}, set()
    while ahead := texts.keys() - done:  # a page may link to further ones
        for source in sorted(ahead):
            done.add(source)
            put(source, texts[source], site, pack, links if source == "README.md" else {}, texts)


def short(title):
    return title.partition(":")[0]


def front(text, site, pack):
    """README's text as the front page: the lessons come first, and each row of their table becomes a card."""
    opening, *parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    lessons = next(part for part in parts if part.startswith("## The lessons"))
    rows = re.findall(r"^\| \*\*.+\|$", lessons, re.MULTILINE)
    cards = "".join(card(row, site, pack) for row in rows)
    shown = re.sub(r"^\|(.+\|\n)+", lambda _: f"{cards}\n", lessons, count=1, flags=re.MULTILINE)
    return "".join([opening, shown, *(part for part in parts if part != lessons)])


def card(row, site, pack):
    """The HTML of a lesson: its title, what one learns to break, its notebooks, decks, and a picture of the core."""
    title, learned, *notebooks = (cell.strip() for cell in row.strip("| ").split(" | "))
    core = re.search(r"\(notebooks/(\w+)\.html", notebooks[0])[1]
    shown = next(
        cell.outputs[-1].data["text/html"]
        for cell in nbformat.read(pack / "notebooks" / f"{core}.ipynb", as_version=4).cells
        if any(tag.startswith("figure:") for tag in cell.metadata.get("tags", []))
    )
    picture = execute.png_of(shown)
    (site / "notebooks" / f"{core}.png").write_bytes(picture)
    alt = re.search(r'alt="([^"]*)"', shown)[1]
    links = [f"Core: {notebooks[0]}", *(f"Further: {cell}" for cell in notebooks[1:])]
    if (site / "slides" / f"{core}.html").exists():
        links.append(f"Slides: [HTML](slides/{core}.html) · [PDF](slides/{core}.pdf)")
    lines = "".join(markdown_to_html(line).strip() for line in [learned[:1].upper() + learned[1:] + ".", *links])
    heading = markdown_to_html(title.strip("*")).strip().removeprefix("<p>").removesuffix("</p>")
    image = f'<img src="notebooks/{core}.png" alt="{alt}" loading="lazy">'
    return f'<div class="lesson">{image}<h3><a href="notebooks/{core}.html">{heading}</a></h3>{lines}</div>'


def put(source, target, site, pack, links, copied):
    """Put one file of the pack into the site, a Markdown page as HTML, unless it is there already."""
    if (site / target).exists() or not (pack / source).is_file():
        return
    (site / target).parent.mkdir(parents=True, exist_ok=True)
    if not source.endswith(".md"):
        shutil.copy(pack / source, site / target)
        return
    notebook = text_page(pack / source, pack, copied)
    if source == "README.md":
        notebook.cells[0].source = front(notebook.cells[0].source, site, pack)
    title = re.search(r"^# (.+)$", (pack / source).read_text(encoding="utf-8"), re.MULTILINE)[1]
    root = "../" * target.count("/")
    up = {} if source == "README.md" else {"All lessons": f"{root}index.html"}
    (site / target).write_text(page(notebook, title, up | links, root), encoding="utf-8")


def main(arguments):
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        sys.exit(__doc__)
    try:
        for built in build(*arguments or [PACK / "site"]):
            print(f"{built}  {built.stat().st_size / 1e6:.1f} MB")
    except ValueError as problem:
        sys.exit(str(problem))
    except OSError as problem:
        sys.exit(f"{problem}. An old site stays. Give a folder that can be written, on a disk with room.")


if __name__ == "__main__":
    main(sys.argv[1:])
