"""Build a website of all notebooks and slide decks, to read without installing anything.

    python notebooks/website.py            into the folder site
    python notebooks/website.py FOLDER

The notebooks appear as they are committed: nothing is run. Formulas become MathML, and all
that a page needs lies in the site: it works from a folder, without a network.
Needs nbconvert, which comes with JupyterLab, and latex2mathml.
"""

import re
import shutil
import sys
from pathlib import Path

import nbformat
from latex2mathml.converter import convert
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

PACK = Path(__file__).resolve().parent.parent

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
    exporter = HTMLExporter(raw_template=PAGE, filters={"markdown2html": markdown_to_html})
    return exporter.from_notebook_node(notebook, resources)[0]


def front_page(readme, copied):
    """README as a notebook of one cell. Its links and pictures stay inside the site.

    copied: where files that README links to are to be copied, as {path in the pack: path in the site}.
    """
    # Badges are pictures from elsewhere: their text stays.
    text = re.sub(r"!\[([^\]]*)\]\(https?://[^)]*\)", r"\1", readme)

    def inside(match):
        target, hash_sign, place = match[1].partition("#")
        if not target or re.match(r"\w+:", target):
            return match[0]
        copied[target] = re.sub(r"\.ipynb$", ".html", target)
        return f"]({copied[target]}{hash_sign}{place})"

    text = re.sub(r"\]\(([^)]+)\)", inside, text)
    for picture in re.findall(r'<img src="([^":]+)"', text):
        copied[picture] = Path(picture).name  # not in a folder that begins with a dot: some servers hide it
        text = text.replace(f'src="{picture}"', f'src="{copied[picture]}"')
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])


def build(site, pack=PACK):
    """Write the website of the pack into the folder ``site``, and return its pages.

    A ``site`` that is there already is replaced. Raises ValueError for a folder that is none of ours.
    """
    site = Path(site)
    if site.exists():
        if not (site / ".nojekyll").exists():
            raise ValueError(f"{site} holds something else than this website. Give an empty or new folder.")
        shutil.rmtree(site)
    (site / "notebooks").mkdir(parents=True)
    (site / ".nojekyll").touch()  # GitHub Pages then publishes all files as they are
    decks = sorted((pack / "slides").glob("[0-9]*.html"))
    drawing = sorted((pack / "slides").glob("draw.html"))  # the page on which one draws: it has no PDF
    for file in (*decks, *(deck.with_suffix(".pdf") for deck in decks), *drawing):
        (site / "slides").mkdir(exist_ok=True)
        shutil.copy(file, site / "slides")
    for path in sorted((pack / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        title = re.search(r"^# (.+)$", notebook.cells[0].source, re.MULTILINE)[1]
        links = {"All notebooks": "../index.html", "This notebook as a file": path.name}
        if path.stem in [deck.stem for deck in decks]:
            links |= {"Slides": f"../slides/{path.stem}.html", "Slides as PDF": f"../slides/{path.stem}.pdf"}
        (site / "notebooks" / f"{path.stem}.html").write_text(page(notebook, title, links), encoding="utf-8")
        shutil.copy(path, site / "notebooks")
    readme, copied = (pack / "README.md").read_text(encoding="utf-8"), {}
    links = {f"Slides {deck.stem[:2]}": f"slides/{deck.name}" for deck in decks}
    links |= {"Draw your own digit": "slides/draw.html"} if drawing else {}
    front = page(front_page(readme, copied), re.search(r"^# (.+)$", readme, re.MULTILINE)[1], links)
    (site / "index.html").write_text(front, encoding="utf-8")
    for source, target in copied.items():
        if (pack / source).is_file() and not (site / target).exists():
            (site / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(pack / source, site / target)
    return sorted(site.rglob("*.html"))


if __name__ == "__main__":
    for built in build(sys.argv[1] if len(sys.argv) > 1 else PACK / "site"):
        print(f"{built}  {built.stat().st_size / 1e6:.1f} MB")
