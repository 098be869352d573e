"""Build a website of all notebooks and slide decks, to read without installing anything.

    python notebooks/website.py            into the folder site
    python notebooks/website.py FOLDER

The notebooks appear as they are committed: nothing is run. Formulas become MathML, and all
that a page needs lies in the site: it works from a folder, without a network.
Needs nbconvert, which comes with JupyterLab, and latex2mathml.
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

PACK = Path(__file__).resolve().parent.parent
MANIFEST = ".failures-in-data-privacy"  # lists what was written into the folder, so that no more is deleted

# nbconvert's own page, less the scripts that it fetches from elsewhere, plus a line of links.
PAGE = """{% extends 'lab/index.html.j2' %}
{% block html_head_js_requirejs %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_css %}<style>
/* Darker than the theme's: prompts, operators, numbers and comments have too little contrast for many. */
:root { --jp-cell-prompt-not-active-opacity: 1; --jp-mirror-editor-operator-color: #8a10d8;
  --jp-mirror-editor-number-color: #006b00; --jp-mirror-editor-comment-color: #2c6a6a }
body > nav { padding: 1em 2em; font-family: sans-serif; font-size: 14px }
nav a { margin-right: 1.5em }
main { max-width: 1000px }
nav a, main .jp-RenderedHTMLCommon a:any-link { color: #0b57a4; text-decoration: underline }
</style>{% endblock %}
{% block body_header %}{{ super() | replace('<main>', resources.links + '<main>') }}{% endblock %}"""


class Renderer(IPythonRenderer):
    """nbconvert's reading of Markdown, with formulas as MathML and with GitHub's names for headings."""

    def inline_math(self, body):
        return convert(body)

    def block_math(self, body):
        return convert(body, display="block")

    def heading(self, text, level, **attributes):
        name = re.sub(r"[^\w -]", "", re.sub(r"<[^>]+>", "", text).lower()).replace(" ", "-")
        return f'<h{level} id="{name}">{text}</h{level}>\n'


def markdown_to_html(source):
    return MarkdownWithMath(renderer=Renderer(escape=False)).render(source)


def page(notebook, title, links):
    """The HTML of ``notebook``. links: dict from a label to an address, shown above it."""
    shown = "".join(f'<a href="{address}">{label}</a>' for label, address in links.items())
    resources = {"metadata": {"name": title}, "links": f"<nav>{shown}</nav>" if shown else ""}
    notebook.metadata.pop("widgets", None)  # their state would make the page fetch a script from elsewhere
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    exporter = HTMLExporter(raw_template=PAGE, filters={"markdown2html": markdown_to_html})
    return exporter.from_notebook_node(notebook, resources)[0]


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
    deleted. Raises ValueError for a folder that holds something else, or a file where a page should stand.
    """
    site = Path(site).expanduser()
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder)
        write(made, pack)
        files = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file())
        before = written_before(site)
        if foreign := [name for name in files if name not in before and (site / name).exists()]:
            raise ValueError(
                f"{site / foreign[0]} was not written by this program, and is in the way. Nothing was changed."
            )
        for name in before:
            (site / name).unlink(missing_ok=True)
        shutil.copytree(made, site, dirs_exist_ok=True)
    (site / MANIFEST).write_text("\n".join(files) + "\n", encoding="utf-8")
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
    decks = sorted((pack / "slides").glob("[0-9]*.html"))
    drawing = sorted((pack / "slides").glob("draw.html"))  # the page on which one draws: it has no PDF
    for file in (*decks, *(deck.with_suffix(".pdf") for deck in decks), *drawing):
        (site / "slides").mkdir(exist_ok=True)
        shutil.copy(file, site / "slides")
    (site / "notebooks").mkdir()
    for path in sorted((pack / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        title = re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE)[1]
        links = {"All notebooks": "../index.html", "This notebook as a file": path.name}
        for deck in decks:
            if deck.stem[:2] == path.stem[:2]:
                links |= {"Slides": f"../slides/{deck.name}", "Slides as PDF": f"../slides/{deck.stem}.pdf"}
        (site / "notebooks" / f"{path.stem}.html").write_text(page(notebook, title, links), encoding="utf-8")
        shutil.copy(path, site / "notebooks")
    links = {f"Slides {deck.stem[:2]}": f"slides/{deck.name}" for deck in decks}
    links |= {"Draw your own digit": "slides/draw.html"} if drawing else {}
    texts, done = {"README.md": "index.html"}, set()
    while ahead := texts.keys() - done:  # a page may link to further ones
        for source in sorted(ahead):
            done.add(source)
            put(source, texts[source], site, pack, links if source == "README.md" else {}, texts)


def put(source, target, site, pack, links, copied):
    """Put one file of the pack into the site, a Markdown page as HTML, unless it is there already."""
    if (site / target).exists() or not (pack / source).is_file():
        return
    (site / target).parent.mkdir(parents=True, exist_ok=True)
    if not source.endswith(".md"):
        shutil.copy(pack / source, site / target)
        return
    notebook = text_page(pack / source, pack, copied)
    title = re.search(r"^# (.+)$", (pack / source).read_text(encoding="utf-8"), re.MULTILINE)[1]
    up = {} if source == "README.md" else {"All notebooks": os.path.relpath("index.html", Path(target).parent)}
    (site / target).write_text(page(notebook, title, up | links), encoding="utf-8")


if __name__ == "__main__":
    try:
        for built in build(sys.argv[1] if len(sys.argv) > 1 else PACK / "site"):
            print(f"{built}  {built.stat().st_size / 1e6:.1f} MB")
    except ValueError as problem:
        sys.exit(str(problem))
