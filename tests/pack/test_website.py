"""Notebooks without a kernel: what nbconvert shows, and the website of notebooks and decks."""

import errno
import html
import itertools
import json
import os
import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import ipywidgets
import nbformat
import pytest
from browsing import SCREEN, ZOOMED, axe_findings
from committed import CHALLENGE, NOTEBOOKS, PACK, tags
from nbconvert import HTMLExporter

from helpers import picture, widgets
from notebooks import execute, moving, positions, website

PHONE = {"width": 360, "height": 740}
KERNEL = "02b_deanonymisation_further"  # the notebook that the tests run beside its page
BAR = picture.bars({"a": 1}, "A title", "number")


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
    """The website without what its widgets show, which takes minutes to draw."""
    folder, nothing = tmp_path_factory.mktemp("published") / "site", tmp_path_factory.mktemp("nothing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(website.moving, "drawn", lambda path, pack: nothing)
        website.build(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site):
    return seen_in(site)


def seen_in(site):
    return {path.relative_to(site).as_posix(): Seen(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The whole website; what its widgets show is drawn once, and kept until it changes."""
    folder = tmp_path_factory.mktemp("published") / "site"
    website.build(folder)
    return folder


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
    assert seen.text.count("Run this cell to use the widget.") == len(widget_ids(notebook)) > 0


def widget_ids(notebook):
    return [cell.id for cell in notebook.cells if "widget" in tags(cell)]


# --- the website --------------------------------------------------------------


def test_it_has_all_notebooks_decks_and_pages(pages):
    decks = sorted((PACK / "slides").glob("[0-9]*.md"))
    expected = [f"notebooks/{path.stem}.html" for path in [*NOTEBOOKS, CHALLENGE]]
    expected += [f"slides/{deck.stem}.html" for deck in decks]
    expected.append("slides/draw.html")
    texts = ["index.html", "CONTRIBUTING.html", "CHANGES.html", "slides/README.html", "tests/benchmarks/README.html"]
    texts.append("notebooks/fair_play.html")
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


def test_a_folder_of_somebody_else_is_refused_before_the_work_and_not_touched(tmp_path, monkeypatch):
    monkeypatch.setattr(website, "write", lambda *_: pytest.fail("minutes of work"))
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


@pytest.mark.parametrize("problem", [ValueError("a cell fails"), OSError(errno.ENOSPC, "No space left on device")])
def test_a_failed_build_leaves_the_old_site(quick, tmp_path, monkeypatch, problem):
    website.build(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    def fails(folder, pack):
        assert folder.stat().st_dev == tmp_path.stat().st_dev  # else the disk may be full after this
        (folder / "index.html").write_text("half")
        raise problem

    monkeypatch.setattr(website, "write", fails)
    with pytest.raises(SystemExit, match=f"{problem.args[-1]}"):
        website.main([str(tmp_path)])
    assert sorted(tmp_path.rglob("*")) == before and (tmp_path / "index.html").read_text() == "ours"


@pytest.mark.parametrize("put", range(4))
def test_a_page_that_cannot_be_put_takes_none_away_and_the_next_build_goes_on(quick, tmp_path, monkeypatch, put):
    """On Windows nothing replaces a page that another program has open."""
    website.build(tmp_path)
    (tmp_path / "notebooks" / "a.html").unlink()
    manifest = (tmp_path / website.MANIFEST).read_text()
    (tmp_path / website.MANIFEST).write_text(manifest.replace("notebooks/a.html", "gone.html"))
    (tmp_path / "gone.html").touch()
    moves, replace = itertools.count(), os.replace

    def stops(source, target):
        if next(moves) == put:
            raise PermissionError(13, "in use")
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", stops)
        with pytest.raises(SystemExit, match="in use"):
            website.main([str(tmp_path)])
    assert (tmp_path / "index.html").read_text() == "ours" and (tmp_path / "gone.html").exists()
    website.build(tmp_path)
    assert (tmp_path / "notebooks" / "a.html").read_text() == "ours"


def test_a_path_through_a_file_is_refused_in_a_sentence(quick, tmp_path):
    (tmp_path / "thesis").write_text("chapter 1")
    with pytest.raises(SystemExit, match="thesis.+Give a folder that can be written"):
        website.main([str(tmp_path / "thesis" / "site")])


def test_only_the_packs_own_notebooks_become_pages(tmp_path, monkeypatch):
    pack, site = tmp_path / "pack", tmp_path / "site"
    (pack / "notebooks").mkdir(parents=True)
    (pack / "README.md").write_text("# Pack\n\n## The lessons\n")
    for name in ("06_mine", "challenge", "scratch", "Untitled"):
        cells = [nbformat.v4.new_markdown_cell(f"# {name}")] if name != "Untitled" else []
        nbformat.write(nbformat.v4.new_notebook(cells=cells), pack / "notebooks" / f"{name}.ipynb")
    monkeypatch.setattr(moving, "drawn", lambda path, pack: tmp_path / "nothing")
    pages = website.build(site, pack)
    assert [page.name for page in pages] == ["index.html", "06_mine.html", "challenge.html"]
    assert len(list(site.rglob("*.ipynb"))) == 2


def test_pages_lead_to_one_another_in_the_order_of_the_course(pages):
    for before, after in itertools.pairwise(NOTEBOOKS):
        assert f"{after.stem}.html" in pages[f"notebooks/{before.stem}.html"].all("a", "href")
        assert f"{before.stem}.html" in pages[f"notebooks/{after.stem}.html"].all("a", "href")
    front = pages["index.html"]
    assert len(front.all("img", "loading")) == len({path.stem[:2] for path in NOTEBOOKS})  # a picture a lesson
    assert {"slides/README.html", "slides/draw.html"} <= set(front.all("a", "href"))


@pytest.mark.slow
def test_axe_finds_nothing_serious_on_any_page(whole, browser):
    dark = ["index.html", "CONTRIBUTING.html", f"notebooks/{KERNEL}.html"]  # their colours are those of all
    found = []
    for name, scheme in [*((name, "light") for name in sorted(seen_in(whole))), *((name, "dark") for name in dark)]:
        page = browser.new_page(viewport=SCREEN, color_scheme=scheme)
        page.goto((whole / name).as_uri())
        for box in page.locator(".moves").all():
            box.scroll_into_view_if_needed()
            box.locator(".view img").wait_for()
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
@pytest.mark.parametrize("screen", [ZOOMED, PHONE], ids=["150 per cent", "phone"])
def test_no_page_scrolls_sideways(whole, browser, screen):
    for name in sorted(seen_in(whole)):
        page = browser.new_page(viewport=screen)
        page.goto((whole / name).as_uri())
        page.locator("summary").evaluate_all("all => all.forEach(one => one.parentElement.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.close()


# --- widgets that move without a kernel -----------------------------------------


def test_where_few_positions_are_all_are_drawn_else_rows_columns_and_a_grid():
    assert positions.chosen([2, 3], (0, 0)) == [(a, b) for a in range(2) for b in range(3)]
    sizes, start = [40, 10, 10, 4], (7, 0, 9, 1)
    some = positions.chosen(sizes, start, limit=100)
    assert len(some) == len(set(some)) <= 100 + sum(sizes)
    for i, size in enumerate(sizes):
        assert {position[i] for position in some} == set(range(size))
        assert sum(position[:i] + position[i + 1 :] == start[:i] + start[i + 1 :] for position in some) == size
    together = {position for position in some if all(a != b for a, b in zip(position, start, strict=True))}
    assert (39, 9, 0, 3) in together  # the far ends


def test_a_position_that_fails_is_named(tmp_path):
    def draw(films, bold):
        return BAR if films < 3 else 1 / 0

    controls = {
        "films": ipywidgets.IntSlider(max=3, description="Films"),
        "bold": ipywidgets.Checkbox(description="Bold"),
    }
    with pytest.raises(RuntimeError, match="at the position Films = 3, Bold = off: ZeroDivisionError"):
        positions.draw(widgets.explore(draw, **controls), tmp_path, "cell", {})


@pytest.mark.parametrize(
    ("shown", "message"),
    [
        (ipywidgets.IntSlider(), "not made by explore or stepper"),
        (widgets.explore(lambda x: BAR, x=ipywidgets.FloatSlider(description="x")), "cannot show a FloatSlider"),
    ],
)
def test_a_widget_that_the_website_cannot_show_is_refused(shown, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        positions.draw(shown, tmp_path, "cell", {})


def test_what_is_left_out_is_said():
    assert moving.left_out({"at": {"0": 0, "1": 0}, "total": 2}) == ""
    assert moving.left_out({"at": {"0": 0, "1": 0}, "total": 40}).startswith("2 of 40 positions are on this page")
    assert "2 texts" in moving.left_out({"at": {"0": 0, "1": 0}, "total": None})


def small_notebook(folder, *codes):
    cells = [nbformat.v4.new_code_cell(code, id=f"cell-{i}") for i, code in enumerate(codes)]
    cells[-1].metadata["tags"] = ["widget"]
    path = folder / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


SETUP = f"import sys; sys.path.insert(0, {str(PACK)!r})\nimport ipywidgets\nfrom helpers import picture, widgets"
DRAWS = "widgets.explore(lambda n: picture.bars({'a': n}, str(1 // n), 'number'), n=ipywidgets.IntSlider(1, %d, 2))"


@pytest.mark.slow
def test_what_was_drawn_is_kept_and_what_fails_is_named(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    path = small_notebook(tmp_path, SETUP, DRAWS % 1)
    kept = moving.drawn(path, cache=cache)
    drawn = json.loads((kept / "cell-1.json").read_text(encoding="utf-8"))
    assert len(drawn["at"]) == len(drawn["frames"]) == drawn["total"] == 2
    with monkeypatch.context() as patch:
        patch.setattr(moving, "run", lambda *_: pytest.fail("drawn again"))
        assert moving.drawn(path, cache=cache) == kept
    small_notebook(tmp_path, SETUP, DRAWS % 0)
    with pytest.raises(ValueError, match=r"small.ipynb, the widget of cell cell-1: RuntimeError: at the position  = 0"):
        moving.drawn(path, cache=cache)
    small_notebook(tmp_path, SETUP, "1 / 0", DRAWS % 1)
    with pytest.raises(ValueError, match=r"small.ipynb, cell cell-1: ZeroDivisionError"):
        moving.drawn(path, cache=cache)
    assert [folder.name for folder in cache.iterdir()] == [kept.name]  # nothing half done


@pytest.mark.slow
def test_every_page_and_the_site_are_small(whole):
    assert sum(path.stat().st_size for path in whole.rglob("*") if path.is_file()) <= 60e6
    for path in whole.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        fetched = set(re.findall(r'src=\\?"((?:frames|notebooks)/[\w.]+)', text))
        assert path.stat().st_size + sum((path.parent / name).stat().st_size for name in fetched) <= 6e6, path.name


@pytest.fixture(params=[SCREEN, PHONE], ids=["desk", "phone"])
def visit(whole, browser, request):
    """A function that opens a page of the website without a network; errors on the page fail the test."""
    context, errors = browser.new_context(viewport=request.param, offline=True), []

    def open_page(path):
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{path.stem}: {error}"))
        page.on("console", lambda message: message.type == "error" and errors.append(f"{path.stem}: {message.text}"))
        page.goto((whole / "notebooks" / f"{path.stem}.html").as_uri())
        return page

    yield open_page
    context.close()
    assert errors == []


# Where the controls of a widget stand, as what is drawn names it.
STANDS = """box => [...box.querySelectorAll('.control')].map((control, i) => {
  const inputs = [...control.querySelectorAll('input')];
  if (inputs[0].type === 'radio') return inputs.findIndex(input => input.checked);
  if (inputs[0].type === 'checkbox') return Number(inputs[0].checked);
  if (inputs[0].type === 'range') return Number(inputs[0].value);
  const { places } = JSON.parse(box.querySelector('script').textContent).controls[i];
  return places.findIndex(text => text.toLowerCase() === inputs[0].value.trim().toLowerCase());
}).join()"""


class Moved:
    """A widget on a page: operate it, and hold what it shows to what the kernel drew."""

    def __init__(self, box, drawn):
        self.box, self.drawn, self.seen = box, drawn, set()
        box.scroll_into_view_if_needed()
        box.locator(".view img").wait_for()

    def holds(self):
        """The picture is that of the position at which the controls stand."""
        expected = self.drawn["frames"][self.drawn["at"][self.box.evaluate(STANDS)]][0]
        shown = self.box.locator(".view img")
        assert shown.get_attribute("alt") == html.unescape(re.search(r'alt="([^"]*)"', expected)[1])
        assert shown.evaluate("image => image.complete && image.naturalWidth > 0")
        self.seen.add(expected)

    def after(self, act, *arguments, **options):
        before = self.box.evaluate(STANDS)
        act(*arguments, **options)
        self.holds()
        return self.box.evaluate(STANDS) != before

    def operate(self):
        """Move each control by mouse and by keyboard; returns how many were moved."""
        self.holds()
        controls = self.box.locator(".control").all()
        for control in controls:
            inputs = control.locator("input")
            kind = inputs.first.get_attribute("type")
            assert control.locator("label, legend").first.inner_text()
            if kind == "range":
                box = inputs.bounding_box()
                for share in (0.01, 0.99):
                    place = {"x": share * box["width"], "y": box["height"] / 2}
                    self.after(inputs.click, position=place)
                assert self.after(inputs.press, "ArrowLeft") and self.after(inputs.press, "ArrowRight")
                assert inputs.get_attribute("aria-valuetext") == control.locator("output").inner_text() != ""
                assert self.after(inputs.press, "Home") and self.after(inputs.press, "End")
            elif kind == "radio":
                for label in control.locator("label").all():
                    self.after(label.click)
                for key in ("ArrowLeft", "ArrowRight"):
                    assert self.after(control.locator("input:checked").press, key)
            elif kind == "checkbox":
                assert self.after(inputs.press, "Space") and self.after(control.locator("label").click)
            else:
                for text in ("K", "KW", "W", ""):
                    assert self.after(inputs.fill, text)
                self.after(inputs.press_sequentially, " kw")
                before = self.box.locator(".view img").get_attribute("alt")
                inputs.fill("é 漢字 <b>")
                assert self.box.locator(".moved").inner_text().startswith("This page has no picture")
                assert self.box.locator(".view img").get_attribute("alt") == before
        for button in self.box.locator(".previous, .next").all():
            self.after(button.click)
            self.after(button.press, "Enter")
        if (play := self.box.locator(".play")).count():
            last = str(len(self.drawn["at"]) - 1)
            self.box.locator(".control input").press("Home")
            assert self.after(play.press, "Enter") and play.inner_text() == "Stop"
            self.box.page.wait_for_function(f"box => ({STANDS})(box) > 1", arg=self.box.element_handle())
            play.click()
            assert play.inner_text() == "Play" and self.box.evaluate(STANDS) != last
        assert len(self.seen) > 1
        return len(controls)


@pytest.mark.slow
def test_every_widget_of_every_page_answers_to_mouse_and_keyboard(visit, notebook, path):
    page, kept = visit(path), moving.drawn(path)
    assert page.evaluate("performance.getEntriesByType('resource').every(one => !one.name.includes('/frames/'))")
    ids = [cell for cell in widget_ids(notebook) if cell != "pad"]
    boxes = page.locator(".moves").all()
    assert len(boxes) == len(ids) > 0
    for cell, box in zip(ids, boxes, strict=True):
        drawn = json.loads((kept / f"{cell}.json").read_text(encoding="utf-8"))
        assert Moved(box, drawn).operate() == len(drawn["controls"])
        said = box.locator(".note").count() == 1
        assert said == (len(drawn["at"]) != drawn["total"])
    assert page.locator("body").inner_text().count("Run this cell") == page.locator(".without:visible").count() == 0


@pytest.mark.slow
def test_the_pad_works_on_the_page_of_its_notebook(visit):
    (path,) = [path for path in NOTEBOOKS if path.stem == "03_model_inversion"]
    page = visit(path)
    page.locator(".pad").scroll_into_view_if_needed()
    pad = page.frame_locator(".pad")
    pad.locator(".pen").wait_for()
    before = pad.locator("[role=status]").inner_text()
    pad.locator(".pen").press("3")
    pad.locator("[role=status]", has_not_text=before).wait_for()
    assert not pad.locator("h1").is_visible()
    assert pad.locator("html").evaluate("page => page.scrollWidth <= page.clientWidth")


KERNEL_ANSWERS = """
import html, json, random, re
random.seed(3)
widget, kept = _, json.loads(open({file!r}, encoding="utf-8").read())
positions, told = random.sample(sorted(kept["at"]), min(12, len(kept["at"]))), {{}}
for position in positions:
    for control, place in zip(widget.controls.values(), map(int, position.split(","))):
        control.value = (list(control._options_values)[place] if hasattr(control, "_options_values")
                         else bool(place) if control.value in (True, False) else control.min + place * control.step)
    told[position] = html.unescape(re.search('alt="([^"]*)"', widget.children[1].value)[1])
print(json.dumps(told))
"""
PUT = """(box, places) => box.querySelectorAll('.control').forEach((control, i) => {
  const inputs = control.querySelectorAll('input');
  const input = inputs.length > 1 ? inputs[places[i]] : inputs[0];
  if (input.type === 'range') input.value = places[i];
  else input.checked = input.type === 'radio' || places[i] === 1;
  input.dispatchEvent(new Event('input', { bubbles: true }));
})"""


@pytest.mark.slow
def test_a_page_tells_what_a_fresh_kernel_answers(whole, browser):
    """In one cheap notebook; the build drew the widgets of all in the same way."""
    (path,) = [path for path in NOTEBOOKS if path.stem == KERNEL]
    notebook = nbformat.read(path, as_version=4)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if "widget" in tags(cell):
            file = moving.drawn(path) / f"{cell.id}.json"
            cells.append(nbformat.v4.new_code_cell(KERNEL_ANSWERS.format(file=str(file)), metadata={"tags": ["told"]}))
    notebook.cells = cells
    execute.run(notebook)
    page = browser.new_page(viewport=SCREEN)
    page.goto((whole / "notebooks" / f"{path.stem}.html").as_uri())
    told = [json.loads(cell.outputs[0]["text"]) for cell in cells if "told" in tags(cell)]
    for box, answers in zip(page.locator(".moves").all(), told, strict=True):
        box.scroll_into_view_if_needed()
        box.locator(".view img").wait_for()
        for position, alt in answers.items():
            box.evaluate(PUT, list(map(int, position.split(","))))
            assert box.evaluate(STANDS) == position
            assert box.locator(".view img").get_attribute("alt") == alt
    page.close()


@pytest.mark.slow
def test_without_scripts_or_pictures_of_that_kind_the_still_one_stays(whole, browser, tmp_path):
    name = f"notebooks/{KERNEL}.html"
    (tmp_path / "notebooks").mkdir()
    for file in ("site.css", name):  # without frames: none can be shown
        shutil.copy(whole / file, tmp_path / file)
    for scripts in (False, True):
        context = browser.new_context(java_script_enabled=scripts, viewport=PHONE)
        page = context.new_page()
        page.goto((tmp_path / name).as_uri())
        for box, said in zip(page.locator(".moves").all(), page.locator(".without").all(), strict=True):
            if scripts:
                box.scroll_into_view_if_needed()
            said.wait_for()
            assert said.is_visible() and not box.is_visible()
        context.close()
