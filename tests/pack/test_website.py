"""Notebooks without a kernel: what nbconvert shows, and the website of notebooks and decks."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browsing import SCREEN, ZOOMED, axe_findings
from committed import CHALLENGE, NOTEBOOKS, PACK
from nbconvert import HTMLExporter

from notebooks import execute, website


class Seen(HTMLParser):
    """What stands on a page: tags by name with their attributes, the text, what of it is no code, what is folded."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.text, self.prose, self.folded = {}, [], "", "", ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.setdefault(tag, []).append(dict(attributes))
        if tag in ("script", "style", "pre", "code", "details"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text += data
            self.prose += "" if {"pre", "code"} & set(self.open) else data
            self.folded += data if "details" in self.open else ""

    def all(self, tag, attribute):
        return [found[attribute] for found in self.tags.get(tag, []) if attribute in found]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "site"
    website.build(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return {path.relative_to(site).as_posix(): Seen(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


def sources(notebook):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def figures(notebook):
    shown = [
        output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", [])
    ]
    return sum(page.count("<img ") for page in shown)


# --- a notebook where no kernel runs: GitHub, nbviewer, nbconvert -------------


def test_its_widget_metadata_is_what_github_accepts(notebook):
    # GitHub shows no notebook whose metadata has widgets without their state.
    for kept in notebook.metadata.get("widgets", {}).values():
        assert "state" in kept
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            assert execute.WIDGET not in output.get("data", {}), "a stored widget shows as an error"
    nbformat.validate(notebook)


def test_a_page_by_nbconvert_shows_all_that_the_notebook_holds(notebook):
    seen = Seen(HTMLExporter().from_notebook_node(notebook)[0])
    complete(seen, notebook)


def complete(seen, notebook):
    """Assert that the page has the notebook's figures, folded solutions and what stands for widgets."""
    described = [alt for alt in seen.all("img", "alt") if len(alt) > 20]
    assert len(described) == len(seen.tags["img"]) == figures(notebook) > 3
    assert not any("No description has been provided" in alt for alt in described)
    folded = sources(notebook).count("<details")
    exercises = sum("exercise" in cell.metadata.get("tags", []) for cell in notebook.cells)
    assert len(seen.tags["details"]) == len(seen.tags["summary"]) == folded >= 2 * exercises > 0
    assert not any("open" in attributes for attributes in seen.tags["details"])
    inside = re.findall(r"<summary>\w.*?</summary>\s+(?:```python\n)?([^\n`*$<\[]+)", sources(notebook))
    assert len(inside) > exercises
    for beginning in inside:
        assert beginning in seen.folded
    for check in re.findall(r"^exercises\.check_\w+", sources(notebook), re.MULTILINE):
        assert check in seen.folded, "a solution that is not folded"
    # Markdown is shown as such, and no tag as text.
    assert not re.search(r"</?(details|summary|img|table)|```|\*\*\w", seen.prose)
    widgets = sum("widget" in cell.metadata.get("tags", []) for cell in notebook.cells)
    assert seen.text.count("Run this cell to use the widget.") == widgets > 0


# --- the website --------------------------------------------------------------


def test_it_has_all_notebooks_decks_and_pages(pages):
    decks = sorted((PACK / "slides").glob("[0-9]*.md"))
    expected = [f"notebooks/{path.stem}.html" for path in [*NOTEBOOKS, CHALLENGE]]
    expected += [f"slides/{deck.stem}.html" for deck in decks]
    expected.append("slides/draw.html")
    texts = ["index.html", "CONTRIBUTING.html", "slides/README.html", "tests/benchmarks/README.html"]
    assert sorted(pages) == sorted(texts + expected)
    for address in expected:
        assert address in pages["index.html"].all("a", "href")


def test_its_pages_show_all_that_the_notebooks_hold(pages):
    for path in NOTEBOOKS:
        notebook, seen = nbformat.read(path, as_version=4), pages[f"notebooks/{path.stem}.html"]
        complete(seen, notebook)
        prose = re.sub(r"```.*?```|`[^`]*`", "", sources(notebook), flags=re.DOTALL)
        formulas = re.findall(r"(?<![\\$])\$[^$]+\$", prose)
        assert len(seen.tags.get("math", [])) == len(formulas)


def test_formulas_can_be_read_without_a_script():
    for formula in (
        r"W = (A^\top A + \lambda I)^{-1} A^\top X",
        r"e^{-\text{days}/30}",
        r"1 / \log(\text{raters})",
        "e^ε",
    ):
        mathml = website.markdown_to_html(f"so ${formula}$.")
        assert "<math" in mathml and "$" not in mathml
        text = re.sub(r"<[^>]+>", "", mathml)
        assert not re.search(r"\\|\^|\{", text), text


def test_links_inside_the_site_lead_somewhere_and_nothing_is_fetched_from_outside(site, pages, capsys):
    outside = set()
    for name, seen in pages.items():
        for address in seen.all("a", "href"):
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                assert parts.scheme in ("https", "http", "mailto"), address
                outside.add(address)
                continue
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            assert target.is_file(), f"{name} links to {address}"
            if parts.fragment and target.suffix == ".html":
                there = pages[target.resolve().relative_to(site.resolve()).as_posix()]
                anchors = [i for tag in there.tags for i in there.all(tag, "id")]
                assert unquote(parts.fragment) in anchors, f"{name} links to {address}"
        fetched = [a for tag in seen.tags for a in seen.all(tag, "src")] + seen.all("link", "href")
        for address in fetched:
            there = address.startswith("data:") or (site / name).parent.joinpath(address).is_file()
            assert there and not urlsplit(address).netloc, f"{name} loads {address[:80]}"
        assert not re.search(r"""(?:url\(|import\(?)\s*["']?https?:""", (site / name).read_text(encoding="utf-8"))
    assert outside
    with capsys.disabled():
        print(f"\n{len(outside)} links lead out of the site, which no test follows")


def test_links_of_a_page_stay_inside_the_site(tmp_path):
    text = "[Below](#how-to-adapt-it), [a notebook](../notebooks/a.ipynb#part), [home](../README.md)."
    page, copied = tmp_path / ".github" / "guide.md", {}
    page.parent.mkdir()
    page.write_text(text + '\n\n## How to *adapt* it?\n\n<img src="pin.png" alt="A pin">', encoding="utf-8")
    cell = website.text_page(page, tmp_path, copied).cells[0].source
    assert "](#how-to-adapt-it)" in cell and "](notebooks/a.html#part)" in cell and "](index.html)" in cell
    assert 'src="pin.png"' in cell
    assert copied == {
        "notebooks/a.ipynb": "notebooks/a.html", "README.md": "index.html", ".github/pin.png": "pin.png"
    }  # fmt: skip
    assert '<h2 id="how-to-adapt-it">' in website.markdown_to_html(cell)


def test_a_notebook_saved_with_widgets_fetches_nothing():
    view = nbformat.v4.new_output("display_data", {execute.WIDGET: {"model_id": "x"}, "text/plain": "A slider"})
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"x": {}}, "version_major": 2, "version_minor": 0}}
    cells = [nbformat.v4.new_code_cell("1", outputs=[view], execution_count=1)]
    page = website.page(nbformat.v4.new_notebook(cells=cells, metadata={"widgets": state}), "Title", {})
    assert "A slider" in page and not re.search(r"<script[^>]+src=|cdn|unpkg", page)


@pytest.fixture
def quick(monkeypatch):
    """The builder with two small pages."""

    def write(folder, pack):
        for name in (".nojekyll", "index.html", "notebooks/a.html"):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("ours")

    monkeypatch.setattr(website, "write", write)


def test_a_folder_of_somebody_else_is_not_touched(quick, tmp_path):
    for name in ("thesis.txt", ".nojekyll", ".git/HEAD"):  # a checkout for GitHub Pages holds a .nojekyll too
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("theirs")
        with pytest.raises(ValueError, match="holds something else"):
            website.build(tmp_path)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["theirs"] * 3
    with pytest.raises(ValueError, match="holds something else"):
        website.build(tmp_path / "thesis.txt")


def test_a_second_build_replaces_what_the_first_wrote_and_nothing_else(quick, tmp_path):
    site = tmp_path / "site"
    website.build(site)
    (site / "CNAME").write_text("theirs")
    (site / "notebooks" / "a.html").write_text("old")
    (site / website.MANIFEST).open("a").write("gone.html\n../outside.txt\n")
    (site / "gone.html").touch()
    (tmp_path / "outside.txt").touch()
    pages = website.build(site)
    assert pages == [site / "index.html", site / "notebooks" / "a.html"]
    assert (site / "CNAME").read_text() == "theirs" and (site / "notebooks" / "a.html").read_text() == "ours"
    assert not (site / "gone.html").exists() and (tmp_path / "outside.txt").exists()


def test_a_file_of_theirs_where_a_page_should_stand_is_kept(quick, tmp_path):
    site = tmp_path / "site"
    website.build(site)
    manifest = (site / website.MANIFEST).read_text().replace("index.html\n", "")
    (site / website.MANIFEST).write_text(manifest)
    (site / "index.html").write_text("theirs")
    with pytest.raises(ValueError, match="index.html was not written by this program"):
        website.build(site)
    assert (site / "index.html").read_text() == "theirs" and (site / "notebooks" / "a.html").exists()


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_any_page(site, pages, browser):
    found = []
    for name in pages:
        page = browser.new_page(viewport=SCREEN)
        page.goto((site / name).as_uri())
        found += [f"{name}: {finding}" for finding in axe_findings(page)]
        if name.startswith("slides/0"):
            # All slides at once, as on paper: on the screen the others are hidden.
            page.emulate_media(media="print")
            hidden = page.locator("svg[aria-hidden]")
            assert hidden.count() > 5
            hidden.evaluate_all("slides => slides.forEach(slide => slide.removeAttribute('aria-hidden'))")
            found += [f"{name}: {finding}" for finding in axe_findings(page)]
        page.close()
    assert found == []


@pytest.mark.slow
def test_no_page_scrolls_sideways_at_150_per_cent(site, pages, browser):
    for name in pages:
        page = browser.new_page(viewport=ZOOMED)
        page.goto((site / name).as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.close()
