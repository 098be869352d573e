"""The decks: what they show is what the notebooks hold, and everything on a slide can be read.

What is rendered is measured in Chromium at 1280 x 720 (slow); the rest is checked without it.
"""

import html
import re
import zlib
from html.parser import HTMLParser

import nbformat
import pytest
from committed import CORES, PACK

from slides import build

DECKS = build.decks()
SIZE = {"width": 1280, "height": 720}


@pytest.fixture(params=DECKS, ids=lambda deck: deck.stem)
def deck(request):
    return request.param


class Slides(HTMLParser):
    """What a built deck holds: for each slide its class, text, pictures, notes; and every address in it."""

    def __init__(self, deck):
        super().__init__()
        self.slides, self.notes, self.addresses, self.depth, self.note = [], [], [], 0, None
        self.feed(deck.with_suffix(".html").read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "section":
            self.slides.append({"class": attributes.get("class", ""), "text": "", "pictures": [], "tags": []})
            self.depth += 1
        elif tag == "div" and "bespoke-marp-note" in (attributes.get("class") or ""):
            self.notes.append("")
            self.note = True
        elif self.depth:
            self.slides[-1]["tags"].append(tag)
            if tag == "img":
                self.slides[-1]["pictures"].append(attributes)
        if tag != "a":
            self.addresses += [attributes[name] for name in ("src", "href") if attributes.get(name)]

    def handle_endtag(self, tag):
        if tag == "section":
            self.depth -= 1
        elif tag == "div":
            self.note = None

    def handle_data(self, data):
        if self.note:
            self.notes[-1] += data
        elif self.depth:
            self.slides[-1]["text"] += data + " "


def squeezed(text):
    """Letters and digits only: what two ways of writing the same slide share."""
    return re.sub(r"[\W_]+", "", html.unescape(text))


def sources(deck, filled):
    """The slides of the deck's Markdown, as (text, notes); with its placeholders, or filled."""
    text = build.markdown(deck) if filled else deck.read_text(encoding="utf-8")
    body = text.split("\n---\n", 1)[1]
    for slide in re.split(r"\n---\n", body):
        comments = [c.strip() for c in re.findall(r"<!--(.*?)-->", slide, re.DOTALL)]
        notes = [comment for comment in comments if not comment.startswith("_class:")]
        yield re.sub(r"<!--.*?-->", "", slide, flags=re.DOTALL), "\n".join(notes)


# --- Deck and notebook --------------------------------------------------------------------------


def test_every_lesson_has_a_deck_called_as_its_core_notebook():
    assert [deck.stem for deck in DECKS] == [path.stem for path in CORES.values()]


def test_the_committed_files_are_those_built_from_these_sources(deck):
    assert build.stale(deck) is None, "Build it again: python slides/build.py"


def test_the_page_shows_what_the_notebook_holds(deck):
    page = Slides(deck)
    filled = list(sources(deck, filled=True))
    assert len(page.slides) == len(page.notes) == len(filled)
    for shown, notes, (source, said) in zip(page.slides, page.notes, filled, strict=True):
        pictures = re.findall(r'<img [^>]*alt="([^"]*)" src="([^"]+)"', source)
        assert [(p["alt"], p["src"]) for p in shown["pictures"]] == [(html.unescape(a), s) for a, s in pictures]
        # Addresses of links, table rules and marks of Markdown are not text.
        source = re.sub(r"<[^>]*>|\]\(https?:[^)]*\)(?=\.|,)|```text|^\|[-|: ]*\|$", " ", source, flags=re.MULTILINE)
        assert squeezed(shown["text"]) == squeezed(source)
        assert squeezed(notes) == squeezed(said)


def test_the_pdf_has_as_many_pages_as_the_deck_slides(deck):
    pdf = deck.with_suffix(".pdf").read_bytes()
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            pages += len(re.findall(rb"/Type\s*/Page\b", zlib.decompress(stream)))
        except zlib.error:
            pass  # a picture in another format, or a font
    assert pages == len(Slides(deck).slides)


def test_no_number_is_typed_by_hand(deck):
    names = r"SHA-256|MD5|k = 5|\[\d+(, \d+)*\]|notebook \d|In 20\d\d|# .*"
    for slide, notes in sources(deck, filled=False):
        typed = re.sub(names, "", re.sub(r"\{\{.*?\}\}", "", slide))
        assert not re.search(r"\d", typed), typed
        # Notes may offer answers ("10, 100 or never?"), but state no result.
        assert not re.search(r"\d ?%|\d\.\d|\d,\d{3}", re.sub(r"\{\{.*?\}\}", "", notes)), notes


def test_what_is_cited_stands_in_the_references(deck):
    slides = list(sources(deck, filled=True))
    listed = re.findall(r"^- \[(\d+)\]", slides[-1][0], re.MULTILINE)
    text = "".join(slide + notes for slide, notes in slides[:-1])
    assert set(re.findall(r"\[(\d+)\]", text)) == set(listed)


# --- The form of a lecture ----------------------------------------------------------------------


def test_a_deck_has_the_arc_of_a_lecture(deck):
    slides = Slides(deck).slides
    assert 12 <= len(slides) <= 17
    assert slides[0]["class"] == "lead" and slides[-1]["class"] == "references"
    headings = "\n".join(re.findall(r"^## (.+)$", deck.read_text(encoding="utf-8"), re.MULTILINE))
    for part in ("By the end you can", "The attack in one picture", "Predict", "Now live", "What we measured",
                 "Where it stops", "help", "Take away", "References"):  # fmt: skip
        assert part in headings
    assert re.search(r"\[\d+\]", slides[0]["text"]), "the first slide cites a real case"


def test_every_slide_has_notes_with_its_minutes(deck):
    notes = Slides(deck).notes
    minutes = [int(re.match(r"(\d+) minutes?[.,]", note.strip()).group(1)) for note in notes]
    assert 35 <= sum(minutes) <= 45  # of 50: the rest is for questions
    for note in notes[:-1]:
        assert "SAY:" in note or "ASK" in note or "SWITCH" in note


def test_the_plans_for_teaching_add_up():
    plans = (PACK / "slides" / "README.md").read_text(encoding="utf-8")
    alone = re.findall(r"^\d\. Opening .+$", plans, re.MULTILINE)
    together = re.findall(r"^- (?:First|Second|Third): .+$", plans, re.MULTILINE)
    assert len(alone) == len(DECKS) and len(together) == 3
    for plan in alone + together:
        assert sum(int(n) for n in re.findall(r"\((\d+)\)", plan)) == 50, plan
    for plan, deck in zip(alone, DECKS, strict=True):
        minutes = sum(int(re.match(r"\d+", note.strip()).group()) for note in Slides(deck).notes)
        assert plan.endswith(f"questions ({50 - minutes}).")


def test_every_live_part_is_announced_and_has_a_picture_to_fall_back_on(deck):
    slides, notes = Slides(deck).slides, Slides(deck).notes
    live = [i for i, slide in enumerate(slides) if slide["class"] == "demo"]
    assert len(live) >= 2
    for i in live:
        section = re.search(r"Section (\d)", slides[i]["text"]).group(1)
        assert re.search(rf"SWITCH: notebook {deck.stem[1]}, section {section}", notes[i])
        assert slides[i - 1]["class"] == "predict"
        assert slides[i + 1]["pictures"] or "pre" in slides[i + 1]["tags"]  # a picture, or what the cell prints
        assert f"FALLBACK for section {section}" in notes[i + 1]


def test_every_picture_has_a_text_alternative(deck):
    pictures = [picture for slide in Slides(deck).slides for picture in slide["pictures"]]
    assert len(pictures) >= 3
    assert all(len(picture["alt"]) > 30 for picture in pictures)


# --- Alone, offline -----------------------------------------------------------------------------


def test_nothing_is_fetched(deck):
    page = deck.with_suffix(".html").read_text(encoding="utf-8")
    assert all(address.startswith(("data:", "#")) for address in Slides(deck).addresses)
    assert re.findall(r"url\((?!\"?data:|#)[^)]+\)|@import", page) == []


def test_decks_are_small():
    # draw.html has a limit of its own: tests/inversion/test_pad.py
    files = [path for path in build.SLIDES.rglob("*") if path.is_file() and path != build.DRAW]
    assert sum(path.stat().st_size for path in files) < 5e6


def test_readme_and_notebook_link_to_the_deck(deck):
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    first = nbformat.read(build.NOTEBOOKS / f"{deck.stem}.ipynb", as_version=4).cells[0].source
    for kind in ("html", "pdf"):
        assert f"(slides/{deck.stem}.{kind})" in readme
        assert f"(../slides/{deck.stem}.{kind})" in first


# --- The build ----------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path):
    """A notebook with one cell of each kind."""
    picture = '<img src="data:image/png;base64,{}" alt="A bar: 3 %" width="806">'.format(
        "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAD0lEQVR4nGP4z8DwHwQBEPgD/U6VwW8AAAAASUVORK5CYII="
    )
    output = nbformat.v4.new_output
    cells = [
        nbformat.v4.new_markdown_cell("## 1 · Bars *(3 minutes)*\n\n**Predict.** Up\nor down?\n\nMore.", id="ask"),
        nbformat.v4.new_code_cell("", id="says", outputs=[output("stream", text="Over 3 % of <all>,\nup to 4 %.\n")]),
        nbformat.v4.new_code_cell(
            "", id="bars", outputs=[output("display_data", {"text/html": picture})], metadata={"tags": ["figure:bars"]}
        ),
        nbformat.v4.new_code_cell(
            "",
            id="rows",
            outputs=[
                output(
                    "display_data",
                    {
                        "text/html": "<table><tr><th></th><th>a</th><th>b</th></tr>"
                        "<tr><th>x</th><td>1</td><td>two</td></tr></table>"
                    },
                )
            ],
        ),  # fmt: skip
        nbformat.v4.new_markdown_cell("Done [1].\n\n## References\n\n1. A. Author. Title. 2020.", id="end"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "small.ipynb")
    return build.Notebook(tmp_path / "small.ipynb")


@pytest.mark.parametrize(
    ("placeholder", "filled"),
    [
        ("claim:says", "Over 3\N{NO-BREAK SPACE}% of &lt;all&gt;, up to 4\N{NO-BREAK SPACE}%."),
        ("output:says", "```text\nOver 3 % of <all>,\nup to 4 %.\n```"),
        (r"number:says:up to (\d)", "4"),
        (r"number:says:up to \d", "up to 4"),
        ("text:end:Done", "Done"),
        ("predict:ask", "Up or down?"),
        ("predict:@or down?", "Up or down?"),
        ("text:@References:Done", "Done"),
        ("section:1", "Section 1: Bars"),
        ("references:1", "- [1] A. Author. Title. 2020."),
        ("table:rows", "|  | a | b |\n| --- | --: | --- |\n| x | 1 | two |"),
        ("table:rows:b", "|  | b |\n| --- | --- |\n| x | two |"),
    ],
)
def test_a_placeholder_is_filled_from_the_notebook(small, placeholder, filled):
    assert build.fill(f"Before {{{{{placeholder}}}}} after", small) == f"Before {filled} after"


def test_a_figure_comes_with_its_text_alternative_and_shape(small):
    filled = build.fill("{{figure:bars}}", small)
    assert 'alt="A bar: 3 %"' in filled and "aspect-ratio: 2 / 1" in filled and "data:image/png;base64,iVBOR" in filled


def test_a_part_of_a_figure_says_so(small):
    assert "aspect-ratio: 2 / 1; " in build.fill("{{figure:bars:0.1-1}}", small)
    assert 'alt="A bar' in build.fill("{{figure:bars:0.1-1}}", small)
    assert 'alt="A part of this figure: A bar' in build.fill("{{figure:bars:0.6-0.9}}", small)


@pytest.mark.parametrize(
    ("placeholder", "message"),
    [
        ("figure:pie", "no figure:pie. It has: bars"),
        ("claim:sings", "no cell with the id 'sings'"),
        ("claim:ask", "is a markdown cell, not a code cell"),
        ("claim:bars", "shows no text"),
        ("output:bars", "shows no text"),
        (r"number:says:\d+ %", "found 2 times, not once"),
        ("number:says:seven", "found 0 times, not once"),
        ("text:end:never", "found 0 times"),
        ("table:says", "shows no table"),
        ("table:rows:c", "no column 'c'"),
        ("predict:end", "asks no"),
        ("section:7", "no section '7'"),
        ("references:9", "no reference 9"),
        ("song:says", "no placeholder 'song'"),
        ("claim:@bars", "stands in 0 code cells"),
        ("predict:@o", "stands in 2 markdown cells"),
        ("figure:bars:2-1", "heights look like 0.1-1"),
        ("figure:bars:top", "heights look like 0.1-1"),
        ("claim", "not written as"),
    ],
)
def test_an_unknown_name_is_a_clear_error(small, placeholder, message):
    with pytest.raises(build.DeckError, match=re.escape(message)):
        build.fill(f"{{{{{placeholder}}}}}", small)


def test_a_change_of_notebook_or_theme_makes_a_deck_stale(monkeypatch):
    deck = DECKS[0]
    real = build.markdown(deck)
    monkeypatch.setattr(build, "markdown", lambda deck: real + "one more number")
    assert "has changed" in build.stale(deck)
    monkeypatch.setattr(build, "markdown", lambda deck: real)
    monkeypatch.setattr(build, "theme", lambda: "section {}")
    assert "has changed" in build.stale(deck)


def test_another_pdf_than_the_built_one_is_noticed(monkeypatch):
    deck = DECKS[0]
    records = build.built()
    records[deck.stem]["pdf"] = "0" * 64
    monkeypatch.setattr(build, "built", lambda: records)
    assert f"{deck.stem}.pdf" in build.stale(deck)


# --- Rendered -----------------------------------------------------------------------------------

MEASURE = """() => {
  const slide = document.querySelector('.bespoke-marp-active section');
  const edge = slide.getBoundingClientRect();
  const texts = [], boxes = [], walker = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = colour => {
    const linear = v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(colour).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor, parts = channels(colour);
      if (parts.length < 4 || parts[3] > 0) return colour;
    }
  };
  const contrast = (front, back) => {
    const [low, high] = [light(front), light(back)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const measured = (text, element, style, rects) => texts.push({
    text, size: parseFloat(style.fontSize), contrast: contrast(style.color, behind(element)),
    rects: rects.map(r => [r.left, r.top, r.right, r.bottom]) });
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.textContent.trim()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    measured(node.textContent, node.parentElement, getComputedStyle(node.parentElement), [...range.getClientRects()]);
  }
  const number = getComputedStyle(slide, '::after'), px = name => parseFloat(number[name]);
  measured('page number', slide, number, []);
  const corner = [1280 - px('right') - px('width'), px('top'), 1280 - px('right'), px('top') + px('height')];
  for (const e of slide.querySelectorAll('h1, h2, p:not(li p), li, td, th, pre, img')) {
    const r = e.getBoundingClientRect();
    const name = e.tagName + ' ' + (e.textContent || e.alt || '').slice(0, 40);
    boxes.push({ name, box: [r.left, r.top, r.right, r.bottom],
                 cut: e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline' });
  }
  const images = [...slide.querySelectorAll('img')].map(i => ({
    alt: i.alt, loaded: i.complete && i.naturalWidth > 0, shown: i.getBoundingClientRect().width,
    notebook: Number(i.dataset.width) }));
  return { edge: [edge.left, edge.top, edge.right, edge.bottom], texts, boxes, images, corner,
           overflows: slide.scrollHeight > slide.clientHeight || slide.scrollWidth > slide.clientWidth };
}"""


def overlap(one, other, by=1):
    return min(one[2], other[2]) - max(one[0], other[0]) > by and min(one[3], other[3]) - max(one[1], other[1]) > by


@pytest.fixture(scope="module")
def measured(browser):
    """{deck: what Chromium says of each slide, its requests}, at 1280 x 720."""
    found = {}
    for deck in DECKS:
        page = browser.new_page(viewport=SIZE)
        requests = []
        page.on("request", lambda request, requests=requests: requests.append(request.url))
        slides = []
        for i in range(len(Slides(deck).slides)):
            page.goto(f"{deck.with_suffix('.html').as_uri()}#{i + 1}")
            page.wait_for_function(f"document.querySelector('.bespoke-marp-active section')?.id == '{i + 1}'")
            page.wait_for_function("document.fonts.status == 'loaded'")
            slides.append(page.evaluate(MEASURE))
        fonts = used_fonts(page)
        page.close()
        found[deck] = slides, requests, fonts
    return found


def used_fonts(page):
    """The fonts that draw the text of all slides, as {(name, whether it is inside the file)}."""
    session = page.context.new_cdp_session(page)
    for domain in ("DOM", "CSS"):
        session.send(f"{domain}.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": "section, section *"})["nodeIds"]
    used = [session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in nodes]
    return {(font["familyName"], font["isCustomFont"]) for fonts in used for font in fonts}


@pytest.mark.slow
def test_no_text_is_cut_and_no_figure_overflows(deck, measured):
    for number, slide in enumerate(measured[deck][0], 1):
        left, top, right, bottom = slide["edge"]
        assert (right - left, bottom - top) == (1280, 720)
        assert not slide["overflows"], number
        for box in slide["boxes"]:
            x1, y1, x2, y2 = box["box"]
            assert left <= x1 and top <= y1 and x2 <= right and y2 <= bottom, (number, box)
            assert not box["cut"], (number, box)
        for text in slide["texts"]:
            for x1, y1, x2, y2 in text["rects"]:
                assert left + 15 <= x1 and top + 4 <= y1 and x2 <= right - 8 and y2 <= bottom - 4, (number, text)


@pytest.mark.slow
def test_nothing_lies_on_anything_else(deck, measured):
    for number, slide in enumerate(measured[deck][0], 1):
        boxes, corner = slide["boxes"], slide["corner"]  # of the page number
        assert corner[2] - corner[0] > 5 and corner[3] - corner[1] > 20
        for i, one in enumerate(boxes):
            for other in boxes[i + 1 :]:
                assert not overlap(one["box"], other["box"]), (number, one, other)
        for text in slide["texts"]:
            assert not any(overlap(rect, corner) for rect in text["rects"]), (number, text)


@pytest.mark.slow
def test_text_is_large_and_stands_out(deck, measured):
    texts = [text for slide in measured[deck][0] for text in slide["texts"]]
    assert len(texts) > 50
    smallest, worst = min(text["size"] for text in texts), min(text["contrast"] for text in texts)
    print(f"{deck.stem}: smallest text {smallest:.1f} px, worst contrast {worst:.2f}")  # pytest -s shows it
    assert smallest >= 24
    assert worst >= 4.5


@pytest.mark.slow
def test_pictures_are_loaded_and_their_labels_large(deck, measured):
    images = [image for slide in measured[deck][0] for image in slide["images"]]
    assert len(images) >= 3
    for image in images:
        assert image["loaded"], image
        # In the notebook a label of 12 points has 16 pixels.
        assert 16 * image["shown"] / image["notebook"] >= 24, image


@pytest.mark.slow
def test_a_browser_asks_for_nothing_but_the_file_and_uses_its_fonts_only(deck, measured):
    _, requests, fonts = measured[deck]
    assert all(address.startswith(("file:", "data:")) for address in requests)
    assert {address.split("#")[0] for address in requests if address.startswith("file:")} == {
        deck.with_suffix(".html").as_uri()
    }
    assert fonts and all(inside for _, inside in fonts), fonts
