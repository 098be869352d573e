"""Rules that every committed notebook keeps, checked without running it."""

import re

import nbformat
import pytest
from committed import CHALLENGE, CORES, FURTHER, NOTEBOOKS, PACK, code_cells, solution, tags

from notebooks import minutes, stamp

TAGS = {"exercise", "widget", "nbval-check-output"}
EVERY = [*NOTEBOOKS, CHALLENGE]
of_challenges_too = pytest.mark.parametrize("path", EVERY, indirect=True, ids=lambda path: path.stem)


def pages(notebook):
    """All that a reader sees as HTML: outputs and text."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            yield output.get("data", {}).get("text/html", "")


def test_there_are_notebooks():
    assert NOTEBOOKS and sorted((PACK / "notebooks").glob("*.ipynb")) == EVERY


@of_challenges_too
def test_it_is_executed_in_order_from_a_fresh_kernel(notebook):
    assert [cell.execution_count for cell in code_cells(notebook)] == list(range(1, len(code_cells(notebook)) + 1))


@of_challenges_too
def test_no_output_is_an_error_or_a_warning(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", (cell.source, output.text)


@of_challenges_too
def test_it_is_small_and_names_no_machine(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.encode()) < 1.5e6
    assert not re.search(r"/home/\w|/root/|/Users/\w|/tmp/|C:\\\\Users|/work/", text)


@of_challenges_too
def test_code_cells_are_short(notebook):
    for cell in code_cells(notebook)[1:]:  # the setup cell is the one exception
        lines = cell.source.splitlines()
        assert len(lines) <= 15, cell.source
    for cell in code_cells(notebook):
        # At 150 % zoom on 1366 pixels, 88 characters fit without scrolling sideways.
        assert max(map(len, cell.source.splitlines())) <= 88, cell.source


@of_challenges_too
def test_at_most_two_code_cells_stand_in_a_row(notebook):
    kinds = "".join(cell.cell_type[0] for cell in notebook.cells)
    assert "ccc" not in kinds


@of_challenges_too
def test_tags_are_known_and_names_of_figures_unique(notebook):
    used = [tag for cell in notebook.cells for tag in tags(cell)]
    assert {tag for tag in used if not tag.startswith("figure:")} <= TAGS
    figures = [tag for tag in used if tag.startswith("figure:")]
    assert len(figures) == len(set(figures))


@of_challenges_too
def test_colab_link_and_setup_cell_know_the_one_address(path, notebook):
    account_and_name = stamp.address().removeprefix("https://github.com/")
    link = f"https://colab.research.google.com/github/{account_and_name}/blob/student/notebooks/{path.name}"
    assert f"**[Open in Colab]({link})**" in notebook.cells[0].source
    assert f'REPOSITORY = "{stamp.address()}"' in notebook.cells[1].source


def test_colab_is_told_its_name_and_shows_the_contents_and_the_opening_says_how_to_keep_a_copy(path, notebook):
    assert notebook.metadata["colab"] == {"name": path.name, "toc_visible": True}
    assert "*File → Save a copy in Drive*" in notebook.cells[0].source


@of_challenges_too
def test_setup_cells_differ_in_what_is_needed_only(notebook):
    def without_needed(source):
        return re.sub(r"NEEDED = \[.*?\]|MEMORY = [01]\.\d+\b", "", source, flags=re.DOTALL)

    first = nbformat.read(NOTEBOOKS[0], as_version=4)
    assert without_needed(notebook.cells[1].source) == without_needed(first.cells[1].source)


def test_it_asks_for_the_memory_that_was_measured(path, notebook):
    """With the build of PyTorch that takes most: what a kernel that dies says nothing of."""
    title = path.name.split("_")[0].lstrip("0")
    table = (PACK / "tests" / "benchmarks" / "README.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| {title} · .*\|", table, re.MULTILINE)[0]
    measured = max(map(float, re.findall(r"([\d.]+) GB", row)))
    assert measured <= float(re.search(r"MEMORY = ([\d.]+)", notebook.cells[1].source)[1]) < measured + 0.15


@of_challenges_too
def test_nothing_on_the_page_is_fetched(notebook):
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown") + "".join(pages(notebook))
    assert not re.search(r"!\[[^\]]*\]\(http|src=[\"']?http", text)


def test_every_figure_has_alt_text(notebook):
    shown = 0
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert "image/png" not in output.get("data", {}), f"a figure without alt text: {cell.source}"
    for page in pages(notebook):
        for image in re.findall(r"<img [^>]*>", page):
            shown += 1
            assert len(re.search(r'alt="([^"]*)"', image).group(1)) > 20
    assert shown > 5


def test_exercises_have_a_check_a_hint_and_a_solution(path, notebook):
    found = 0
    for cell, below in zip(notebook.cells, notebook.cells[1:], strict=False):
        if "exercise" not in tags(cell):
            continue
        found += 1
        assert "nbval-check-output" in tags(cell)
        check = cell.source.splitlines()[-1]
        assert re.match(r"exercises\.check_\w+\(", check) and "..." in cell.source
        assert "<details><summary>Hint</summary>" in below.source
        assert solution(below).splitlines()[-1] == check
    assert 2 <= found <= (4 if path in CORES.values() else 8)


def test_a_still_figure_follows_every_widget(notebook):
    for i, cell in enumerate(notebook.cells):
        if "widget" in tags(cell):
            after = "".join(pages(nbformat.from_dict({"cells": notebook.cells[i + 1 : i + 5]})))
            assert "<img" in after, cell.source


def near(stated, computed):
    return abs(stated - computed) <= max(1, computed / 10)


def test_every_lesson_has_a_core_and_goes_further():
    names = {lesson: [path.stem[2] for path in further] for lesson, further in FURTHER.items()}
    assert all(letters and "bcd".startswith("".join(letters)) for letters in names.values()), names
    assert len(CORES) + sum(map(len, FURTHER.values())) == len(NOTEBOOKS)


def test_it_takes_the_minutes_that_it_states(path, notebook):
    total, stated = minutes.minutes(notebook.cells), []
    for heading, cells in minutes.sections(notebook):
        if re.match(r"\d", heading):
            stated.append(minutes.stated(heading))
            assert near(stated[-1], minutes.minutes(cells)), (heading, minutes.minutes(cells))
    first = notebook.cells[0].source
    assert [int(n) for n in re.findall(r"\((\d+)\)", first.split("**Time:**")[1].split("\n\n")[0])] == stated
    whole = int(re.search(r"about (\d+) minutes", first).group(1))
    assert near(whole, total) and total <= (50 if path in CORES.values() else 60), total
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    assert f"[{whole} minutes](notebooks/{path.name})" in readme


def test_it_is_no_longer_than_a_sitting(path, notebook):
    assert len(notebook.cells) <= 85
    assert path not in CORES.values() or minutes.words(notebook.cells) <= 3_300


def test_a_lesson_counts_its_sections_and_exercises_through_its_notebooks():
    for lesson, core in CORES.items():
        cells = [cell for path in (core, *FURTHER[lesson]) for cell in nbformat.read(path, as_version=4).cells]
        text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        for found in (re.findall(r"^## (\d+) ·", text, re.MULTILINE), re.findall(r"^### Your turn (\d+)", text, re.M)):
            assert [int(n) for n in found] == list(range(1, len(found) + 1))
        named = [cell.id for cell in cells if not cell.id.startswith("setup")]
        assert len(named) == len(set(named))


@of_challenges_too
def test_the_setup_cell_is_folded(notebook):
    setup = notebook.cells[1]
    assert setup.metadata["jupyter"] == {"source_hidden": True} and setup.metadata["cellView"] == "form"
    assert setup.source.startswith("# @title ")


@of_challenges_too
def test_links_lead_to_files_that_exist(path, notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert target.startswith("http") or (path.parent / target).exists(), target
    for name in re.findall(r"\b0\d\w?_\w+", text):
        assert list(PACK.glob(f"*/{name}.*")), name


def test_core_and_further_notebook_link_to_each_other(path, notebook):
    lesson = path.stem[:2]
    for other in FURTHER[lesson] if path in CORES.values() else [CORES[lesson]]:
        assert any(f"({other.name})" in cell.source for cell in notebook.cells), other.name


def test_references_are_cited_and_citations_exist(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    body, references = text.split("## References")
    listed = set(re.findall(r"^(\d+)\. ", references, re.MULTILINE))
    cited = {n for group in re.findall(r"\[([\d, ]+)\](?!\()", body) for n in group.split(", ")}
    assert cited == listed


@pytest.mark.parametrize("word", ["**Predict.**", "**Where it stops.**", "### Your turn", "## What to take away"])
def test_the_skeleton_is_there(notebook, word):
    assert any(word in cell.source for cell in notebook.cells)


def test_it_links_to_its_slides(path, notebook):
    first, deck = notebook.cells[0].source, CORES[path.stem[:2]].stem
    for kind in ("pdf", "html"):
        assert f"(../slides/{deck}.{kind})" in first
        assert (PACK / "slides" / f"{deck}.{kind}").exists()


def test_notes_for_instructors_are_folded_short_and_name_slides_that_exist(path, notebook):
    deck = (PACK / "slides" / f"{CORES[path.stem[:2]].stem}.md").read_text(encoding="utf-8")
    notes = [cell.source for cell in notebook.cells if "For instructors" in cell.source]
    assert len(notes) <= 4 and (notes or path not in CORES.values())
    for note in notes:
        inside = re.fullmatch(r"<details><summary>For instructors</summary>\n\n(.+)\n\n</details>", note)
        assert inside and len(inside.group(1)) < 500
        for slide in re.findall(r"the slide \*([^*]+)\*", note):
            assert f"## {slide}\n" in deck
    assert path not in CORES.values() or any("If it fails, show the slide" in note for note in notes)


def headings(page):
    """The names by which GitHub links to the headings of a Markdown page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)}


PAGES = [PACK / name for name in ("README.md", "slides/README.md", "tests/benchmarks/README.md")]
PAGES += sorted((PACK / ".github").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PACK).as_posix())
def test_links_of_a_page_lead_to_files_and_headings_that_exist(page):
    targets = re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", page.read_text(encoding="utf-8"))
    local = [link or src for link, src in targets if not (link or src).startswith("http")]
    assert len(local) > 3 or "TEMPLATE" in page.name
    for target in local:
        file, _, heading = target.partition("#")
        there = page.parent / file if file else page
        assert there.exists(), target
        assert not heading or heading in headings(there), target


def test_the_readme_is_short():
    assert len((PACK / "README.md").read_text(encoding="utf-8").split()) <= 600
