"""The drawing pad: its numbers against NumPy and the notebook's attackers, its page, and real strokes in a browser."""

import base64
import json
import re
import sys
import types
import zlib

import nbformat
import numpy as np
import pytest
import torch
from browsing import ZOOMED, opened, run_all
from committed import PACK

from helpers import inversion
from helpers.inversion import data
from helpers.inversion import pad as pad_module
from slides import build

PAD = PACK / "helpers" / "inversion"
MODULE = (PAD / "pad.js").read_text(encoding="utf-8")
PAGE = PACK / "slides" / "draw.html"
NOTEBOOK = nbformat.read(PACK / "notebooks" / "03_model_inversion.ipynb", as_version=4)


# --- The attackers in NumPy, written once more --------------------------------------------------


def unpacked(header, packed):
    """What unpack in pad.js makes of the page's bytes."""
    stored, at, groups = zlib.decompress(packed), 0, {}
    for group, name, rows, columns in header:
        scales = np.frombuffer(stored, "<f4", rows if rows > 1 else columns, at)
        at += scales.nbytes
        if rows > 1:
            integers = np.frombuffer(stored, np.int8, rows * columns, at).reshape(rows, columns)
            at += integers.nbytes
            scales = integers * scales[:, None]
        groups.setdefault(group, {})[name] = scales
    assert at == len(stored)
    return groups


def send(client, x, noise=0):
    return np.maximum(x @ client["weight"].T + client["bias"], 0) + noise


def redraw(groups, name, attacker, sent, scale=0):
    client, letters, variance = groups[name], groups["letters"], 2 * scale**2
    along = (sent - client["centre"]) @ client["directions"].T
    along = along * client["spread"] / (client["spread"] + variance)
    line = (client["start"] + along @ client["line"]).clip(-1, 1)
    if attacker == "line":
        return line
    expected = letters["mean"] @ client["weight"].T + client["bias"]
    speaks = (send(client, line) if scale else sent) > 0
    drawn = []
    for message, active in zip(sent, speaks, strict=True):
        facts = (client["weight"][active] @ letters["factor"].T).astype(float)
        system = facts.T @ facts + (client["slack"][0] + variance) * np.eye(facts.shape[1])
        z = np.linalg.solve(system, facts.T @ (message - expected)[active])
        drawn.append((letters["mean"] + z @ letters["factor"]).clip(-1, 1))
    return np.stack(drawn)


@pytest.fixture(scope="module")
def stored():
    """What stands in slides/draw.html: (header, bytes)."""
    page = PAGE.read_text(encoding="utf-8")
    header, packed = re.search(r"data-header='([^']+)'>([^<]+)</script>", page).groups()
    return json.loads(header), base64.b64decode(packed)


@pytest.fixture(scope="module")
def pad(small):
    samples = torch.stack([small.test_x[small.test_y == digit][0] for digit in range(10)])
    return pad_module.DrawingPad({"trained": small.model}, small.letters_x, samples)


# --- What the browser is given ------------------------------------------------------------------


def test_the_line_in_all_directions_is_the_ridge_of_the_notebook_with_and_without_noise(small, monkeypatch):
    monkeypatch.setattr(pad_module, "DIRECTIONS", 500)
    groups = pad_module.arrays({"it": small.model}, small.letters_x, small.test_x[:10])
    sent = small.model.sent(small.test_x)
    for variance in (0, 0.5):
        weights = inversion.fit_ridge(small.model.sent(small.letters_x), small.letters_x, noise_variance=variance)
        expected = inversion.redraw_ridge(weights, sent).numpy()
        drawn = redraw(groups, "it", "line", sent.numpy(), (variance / 2) ** 0.5)
        assert np.abs(drawn - expected).max() < 2e-3


def test_packing_keeps_rows_to_half_a_level_and_single_rows_exactly(small):
    groups = pad_module.arrays({"it": small.model}, small.letters_x, small.test_x[:10])
    again = unpacked(*pad_module._packed(groups))
    for group, named in groups.items():
        for name, some in named.items():
            level = np.abs(some).max(axis=-1, keepdims=True) / pad_module.LEVELS if some.ndim == 2 else 0
            assert (np.abs(again[group][name] - some) <= 0.501 * level).all(), (group, name)


def test_samples_must_be_ten_pictures(small):
    with pytest.raises(ValueError, match="ten digits"):
        pad_module.arrays({"it": small.model}, small.letters_x, small.test_x[:9])


def test_the_pad_begins_with_a_2_and_gives_back_what_is_drawn(pad, small):
    two = small.test_x[small.test_y == 2][0]
    assert pad.picture.shape == (784,) and np.abs(pad.picture - two.numpy()).max() < 1e-6
    kept = pad.drawing
    pad.drawing = [0, 255] * 392
    assert set(pad.picture) == {-1, 1} and pad.picture.dtype == np.float32
    pad.drawing = kept


def test_weights_are_sent_when_asked_for_and_never_stored(pad, monkeypatch):
    assert sum(len(str(value)) for value in pad.get_state().values()) < 60_000
    sent = []
    monkeypatch.setattr(type(pad), "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    pad._handle_custom_msg("weights", [])
    assert sent == [(pad.header, [pad.packed])]
    assert len(pad.packed) < 1.2e6  # JupyterLab drops messages of more than 3 MB


def test_colab_is_asked_to_allow_the_widget_in_its_cell_only(monkeypatch):
    asked = []
    output = types.SimpleNamespace(enable_custom_widget_manager=lambda: asked.append(1))
    colab = types.ModuleType("google.colab")
    colab.output = output
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    (cell,) = [cell for cell in NOTEBOOK.cells if "enable_custom_widget_manager" in cell.source]
    exec(cell.source, {"sys": sys, "pad": None})
    assert cell.id == "pad" and asked == [1]


# --- The module and the page as files -----------------------------------------------------------


def test_the_module_is_short_stands_alone_and_fetches_nothing():
    assert len(MODULE.splitlines()) < 320
    forbidden = r"\bimport\b|\beval\b|\bFunction\(|\bfetch\b|XMLHttp|WebSocket|https?:|localStorage|document\.cookie"
    assert not re.search(forbidden, MODULE)


def test_the_page_is_one_file_of_at_most_1_6_mb_with_the_module_inside():
    page = PAGE.read_text(encoding="utf-8")
    assert len(page.encode()) <= 1.6e6
    assert MODULE in page and (PAD / "pad.css").read_text(encoding="utf-8") in page
    assert "default-src 'none'" in page and not re.search(r"https?:|src=|<link|@import|url\(", page)


def test_the_page_is_the_one_built_from_these_sources():
    assert build.stale_draw() is None, "Build it again: python slides/build.py draw"


def test_deck_notebook_and_readme_link_to_the_page():
    for file in ("README.md", "notebooks/03_model_inversion.ipynb", "slides/03_model_inversion.md"):
        assert "draw.html" in (PACK / file).read_text(encoding="utf-8")


@pytest.mark.slow
def test_pictures_from_rounded_weights_differ_little_from_the_notebooks_own():
    names = {}
    sys_path = list(sys.path)
    for cell in build.DRAW_CELLS:
        exec(build.Notebook(build.DRAW_NOTEBOOK).cell(cell, "code").source, names)
    sys.path[:] = sys_path
    # Of the network trained here: another machine, or another number of threads, trains a slightly different one.
    groups, x, letters = unpacked(names["pad"].header, names["pad"].packed), names["test_x"][:200], names["letters_x"]
    prior = inversion.picture_prior(letters)
    for name, client in names["clients"].items():
        sent = client.sent(x)
        by_line = inversion.redraw_ridge(inversion.fit_ridge(client.sent(letters), letters), sent)
        by_weights = inversion.redraw_posterior(sent, client.first_part[0], *prior)
        for attacker, expected in (("line", by_line), ("weights", by_weights)):
            drawn = redraw(groups, name, attacker, send(groups[name], x.numpy()))
            difference = ((drawn - expected.numpy()) ** 2).mean()
            print(f"{name}, {attacker}: differs by {difference:.4f}")
            assert difference < 0.01


# --- In a browser -------------------------------------------------------------------------------


@pytest.mark.slow
def test_javascript_and_numpy_agree_on_100_real_digits(browser, stored):
    header, packed = stored
    groups = unpacked(header, packed)
    x = data.digits().test.tensors(100)[0].numpy()
    noise = np.random.default_rng(0).laplace(size=(100, 500)).round(6)
    page = browser.new_page()
    page.goto("about:blank")
    given = [MODULE, header, base64.b64encode(packed).decode(), x.tolist(), noise.tolist()]
    drawn = page.evaluate(
        """async ([source, header, packed, pictures, noise]) => {
          const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
          const model = await module.unpack(header, Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)));
          const out = {};
          for (const name of ["trained", "untrained"]) for (const attacker of ["line", "weights"])
            for (const scale of [0, 0.5]) out[`${name} ${attacker} ${scale}`] = pictures.map((x, i) => {
              const sent = module.send(model[name], x, noise[i].map((value) => value * scale));
              return [...sent, ...module.redraw(model, model[name], attacker, sent, scale)];
            });
          return out;
        }""",
        given,
    )
    page.close()
    for case, both in drawn.items():
        name, attacker, scale = case.split()
        sent = send(groups[name], x, noise * float(scale))
        expected = redraw(groups, name, attacker, sent, float(scale))
        both = np.array(both)
        print(case, np.abs(both[:, :500] - sent).max(), np.abs(both[:, 500:] - expected).max())
        assert np.abs(both[:, :500] - sent).max() < 1e-4
        assert np.abs(both[:, 500:] - expected).max() < 1e-4


class Pad:
    """The pad on a page, as a reader uses it. Places on it run from 0 to 1."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".drawing-pad")
        self.pen = self.root.locator(".pen")
        self.pen.wait_for()
        self.devtools = page.context.new_cdp_session(page)

    def at(self, x, y):
        box = self.pen.bounding_box()
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    def stroke(self, *points):
        self.pen.scroll_into_view_if_needed()
        self.page.mouse.move(*self.at(*points[0]))
        self.page.mouse.down()
        for point in points[1:]:
            self.page.mouse.move(*self.at(*point), steps=6)
        self.page.mouse.up()
        self.settle()

    def touch(self, kind, *points):
        places = [dict(zip("xy", self.at(*point), strict=True), id=i) for i, point in enumerate(points)]
        self.devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    def settle(self):
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def press(self, *keys):
        self.pen.focus()
        for key in keys:
            self.page.keyboard.press(key)

    def pixels(self, name):
        """Darkness of a picture, 28 × 28, from 0 (paper) to 255."""
        seen = self.root.locator(f".{name}").evaluate(
            "e => [...e.getContext('2d').getImageData(0, 0, e.width, e.height).data]"
        )
        return 255 - np.array(seen).reshape(28, 28, 4)[:, :, 0]

    def inked(self, x, y):
        """Whether there is ink at a place of the pad."""
        look = "(e, [x, y]) => e.getContext('2d').getImageData(x * e.width, y * e.height, 1, 1).data[3] > 200"
        return self.pen.evaluate(look, [x, y])

    @property
    def ink(self):
        return self.pixels("phone")

    @property
    def score(self):
        return self.root.locator(".score").inner_text()


def middle(ink):
    steps = np.arange(28) + 0.5
    return (ink.sum(axis=0) @ steps / ink.sum(), ink.sum(axis=1) @ steps / ink.sum())


SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]


@pytest.fixture
def draw(browser, request):
    """The page from disk, offline; request.param may give Playwright's options of a context."""
    context = browser.new_context(offline=True, **getattr(request, "param", {}))
    page = context.new_page()
    errors, asked = [], []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(PAGE.as_uri())
    yield Pad(page)
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "blob:"))] == []
    context.close()


SCREENS = [
    {},
    {"viewport": {"width": 910, "height": 512}, "device_scale_factor": 1.5},  # 150 % zoom
    {"viewport": {"width": 390, "height": 800}, "device_scale_factor": 3},  # a phone
]


@pytest.mark.slow
@pytest.mark.parametrize("draw", SCREENS, indirect=True, ids=["plain", "150 %", "phone"])
def test_a_stroke_by_mouse_is_drawn_where_the_pen_is_and_centred_for_the_phone(draw):
    draw.stroke(*SEVEN)
    assert all(draw.inked(*place) for place in SEVEN) and not draw.inked(0.05, 0.5)
    columns, rows = np.nonzero(draw.ink.sum(axis=0) > 40)[0], np.nonzero(draw.ink.sum(axis=1) > 40)[0]
    assert 18 <= rows[-1] - rows[0] + 1 <= 22 and columns[-1] - columns[0] + 1 <= 22
    assert np.abs(np.array(middle(draw.ink)) - 14).max() < 0.3
    share = re.search(r"The attacker is (\d+) % of the way from a guess to a perfect copy", draw.score)
    assert 50 < int(share[1]) < 100
    # Larger where there is room: three pictures beside each other, and all of the page in sight.
    assert draw.pen.bounding_box()["width"] >= (300 if draw.page.viewport_size["width"] > 1000 else 140)
    assert np.corrcoef(draw.ink.ravel(), draw.pixels("redrawn").ravel())[0, 1] > 0.7
    wide = draw.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0


@pytest.mark.slow
def test_pictures_change_while_the_pen_is_still_down(draw):
    before = draw.pixels("redrawn")
    draw.page.mouse.move(*draw.at(0.3, 0.3))
    draw.page.mouse.down()
    draw.page.mouse.move(*draw.at(0.6, 0.7), steps=5)
    draw.settle()
    assert np.abs(draw.pixels("redrawn") - before).max() > 50
    draw.page.mouse.up()


@pytest.mark.slow
def test_size_and_place_of_a_drawing_do_not_matter(draw):
    inks = []
    for shrink, to in ((1, 0), (0.5, 0), (0.5, 0.45)):
        draw.press("Delete")
        draw.stroke(*[(x * shrink + to, y * shrink + to) for x, y in SEVEN])
        inks.append(draw.ink)
    assert np.abs(inks[1] - inks[0]).mean() < 4 and np.abs(inks[2] - inks[0]).mean() < 4
    draw.press("Delete")
    draw.stroke((0.2, 0.2))  # a dot stays a dot
    assert 0 < (draw.ink > 0).sum() < 20


@pytest.mark.slow
def test_lifting_the_pen_outside_ends_the_stroke(draw):
    draw.page.mouse.move(*draw.at(0.3, 0.3))
    draw.page.mouse.down()
    draw.page.mouse.move(*draw.at(1.8, 0.5), steps=5)
    draw.page.mouse.up()
    draw.settle()
    after = draw.ink
    assert after.sum() > 0
    draw.page.mouse.move(*draw.at(0.5, 0.9), steps=5)
    draw.settle()
    assert (draw.ink == after).all()


@pytest.mark.slow
def test_a_stroke_ends_at_the_edge_and_another_begins_where_the_pen_comes_back(draw):
    draw.page.mouse.move(*draw.at(0.5, 0.3))
    draw.page.mouse.down()
    for place in ((1.4, 0.3), (1.4, 0.7), (0.5, 0.7)):  # out at the right, down beside the pad, and in again
        draw.page.mouse.move(*draw.at(*place), steps=4)
    draw.page.mouse.up()
    draw.settle()
    around = draw.ink
    draw.press("Delete")
    for height in (0.3, 0.7):  # the same in two strokes up to the edge
        draw.stroke((0.5, height), (0.995, height))
    assert around.sum() > 0 and np.abs(around - draw.ink).mean() < 4
    draw.press("Backspace", "Backspace", "Backspace")
    assert (draw.ink == around).all()  # one stroke of the hand is one step back


@pytest.mark.slow
@pytest.mark.parametrize("draw", [{"has_touch": True}], indirect=True)
def test_one_finger_draws_and_two_do_not(draw):
    draw.press("Delete")
    draw.touch("touchStart", (0.3, 0.2))
    for t in range(1, 9):
        draw.touch("touchMove", (0.3 + 0.04 * t, 0.2 + 0.06 * t))
    draw.touch("touchEnd")
    draw.settle()
    drawn = draw.ink
    assert drawn.sum() > 0
    draw.touch("touchStart", (0.2, 0.7))
    draw.touch("touchMove", (0.25, 0.7))
    draw.touch("touchStart", (0.2, 0.7), (0.8, 0.7))
    draw.touch("touchMove", (0.3, 0.5), (0.7, 0.9))
    draw.touch("touchEnd")
    draw.settle()
    assert (draw.ink == drawn).all()
    draw.touch("touchStart", (0.7, 0.2))
    draw.touch("touchMove", (0.3, 0.8))
    draw.touch("touchEnd")
    draw.settle()
    assert np.abs(draw.ink - drawn).max() > 100


@pytest.mark.slow
def test_by_keyboard_alone(draw):
    page = draw.page
    page.keyboard.press("Tab")
    assert draw.pen.evaluate("e => e === document.activeElement && getComputedStyle(e).outlineStyle") == "solid"
    for digit in "0123456789":
        page.keyboard.press(digit)
        assert draw.ink.sum() > 0
    there = draw.ink
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert (draw.ink[1:, 1:] == there[:-1, :-1]).all()
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+z")
    assert (draw.ink == there).all()
    page.keyboard.press("Delete")
    assert draw.ink.sum() == 0
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Undo
    assert (draw.ink == there).all()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")  # Clear
    assert draw.ink.sum() == 0
    for name in ("client", "attacker", "noise"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == name


@pytest.mark.slow
def test_every_control_changes_the_attackers_picture(draw):
    seen = [draw.pixels("redrawn")]
    steps = [
        lambda: draw.root.locator(".attacker").select_option("weights"),
        lambda: draw.root.locator(".client").select_option("untrained"),
        lambda: draw.root.locator(".noise").fill("0.5"),
        lambda: draw.root.locator(".noise").fill("4"),
    ]
    for step in steps:
        step()
        seen.append(draw.pixels("redrawn"))
        assert np.abs(seen[-1] - seen[-2]).max() > 20
    assert draw.root.locator("output").inner_text() == "4"
    draw.press("2")
    assert np.abs(draw.pixels("redrawn") - seen[-1]).max() > 0  # a new message has new noise


@pytest.mark.slow
def test_an_empty_and_a_full_black_drawing(draw):
    for attacker in ("line", "weights"):
        draw.root.locator(".attacker").select_option(attacker)
        draw.press("Delete")
        assert draw.ink.sum() == 0 and "The pad is empty." in draw.score and "NaN" not in draw.score
        assert draw.root.locator(".bars").get_attribute("aria-label").startswith("What the phone sends: 500 numbers")
        for row in range(21):
            draw.stroke((0, row / 20), (1, row / 20))
        assert (draw.ink[6:22, 6:22] > 250).all() and draw.ink[:3].sum() == 0
        assert "NaN" not in draw.score and np.isfinite(draw.pixels("redrawn")).all()


@pytest.mark.slow
def test_after_a_resize_strokes_still_land_under_the_pen(draw):
    draw.page.set_viewport_size({"width": 320, "height": 600})
    draw.press("Delete")
    draw.stroke(*SEVEN)
    small = draw.ink
    assert all(draw.inked(*place) for place in SEVEN)
    draw.page.set_viewport_size({"width": 1300, "height": 800})
    assert (draw.ink == small).all()


@pytest.mark.slow
def test_an_interrupted_stroke_does_no_harm(draw):
    two = draw.ink
    draw.page.mouse.move(*draw.at(0.3, 0.3))
    draw.page.mouse.down()
    draw.page.mouse.move(*draw.at(0.5, 0.6), steps=3)
    draw.press("Delete")
    draw.page.mouse.move(*draw.at(0.7, 0.6), steps=3)
    draw.page.mouse.up()
    draw.settle()
    assert draw.ink.sum() == 0
    for _ in range(30):
        draw.press("Backspace")
    assert (draw.ink == two).all()  # back at the beginning, and no further


@pytest.mark.slow
def test_everything_has_a_name_and_enough_contrast(draw):
    unnamed = draw.root.evaluate(
        """e => [...e.querySelectorAll('canvas, button, select, input')]
        .filter(c => !(c.ariaLabel || c.labels?.[0]?.textContent.trim() || c.textContent.trim()))
        .map(c => c.className)"""
    )
    assert unnamed == []
    draw.press("7")
    status = draw.root.locator("[role=status]")
    assert status.inner_text() == draw.score
    for name in ("phone", "redrawn", "bars"):
        assert len(draw.root.locator(f".{name}").get_attribute("aria-label")) > 30
    assert draw.root.locator(".score").evaluate("e => getComputedStyle(e).color") == "rgb(26, 26, 26)"


@pytest.mark.slow
def test_an_old_browser_is_told_so(browser):
    page = browser.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto(PAGE.as_uri())
    page.get_by_text("The pad needs a browser of 2023 or newer").wait_for()
    page.close()


@pytest.mark.slow
def test_in_jupyterlab_a_drawing_comes_back_to_python(browser, lab, tmp_path):
    """A short notebook of notebook 3's own cells: drawn on by mouse and keyboard, read back, saved."""
    wanted = ("setup", "imports", "bank", "pad-networks", "pad")
    cells = [cell for cell in NOTEBOOK.cells if cell.id in wanted]
    ask = "print(data.unscale(pad.picture).tolist())"
    cells += [nbformat.v4.new_code_cell(ask)]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    short = nbformat.v4.new_notebook(cells=cells, metadata=NOTEBOOK.metadata)
    page, _ = opened(browser, lab, PACK / "notebooks" / "03_model_inversion.ipynb")
    save = "async (content) => { await window.jupyterapp.serviceManager.contents.save('pad.ipynb', "
    page.evaluate(save + "{ type: 'notebook', format: 'json', content }); }", json.loads(nbformat.writes(short)))
    page.close()
    page, errors = opened(browser, lab, tmp_path / "pad.ipynb")
    page.set_viewport_size(ZOOMED)
    try:
        run_all(page)
        pad = Pad(page)

        def in_python():
            page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCellIndex = 5")
            page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
            run_all_idle(page)
            shown = page.locator(".jp-Cell").nth(5).locator(".jp-OutputArea-output").inner_text()
            return np.array(json.loads(shown)).reshape(28, 28)

        two = in_python()
        assert (two == pad.ink).all()
        pad.stroke(*SEVEN)
        seven = pad.ink
        assert np.abs(seven - two).max() > 200 and "% of the way from a guess" in pad.score
        assert (in_python() == seven).all()
        count = page.locator(".jp-Cell").count()
        pad.press("1", "ArrowLeft", "ArrowUp", "b", "x")  # none of them may reach JupyterLab
        assert page.locator(".jp-Cell").count() == count
        assert page.locator(".jp-CodeCell").count() == count
        page.wait_for_timeout(1000)  # quick changes go to Python together, a moment later
        assert (in_python() == pad.ink).all()
        page.evaluate("window.jupyterapp.commands.execute('docmanager:save')")
        page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
        load = "async () => await window.jupyterapp.serviceManager.contents.get('pad.ipynb', { content: true })"
        assert len(json.dumps(page.evaluate(load)["content"])) < 100_000  # no weights in the file
        assert errors == []
    finally:
        page.close()


def run_all_idle(page):
    page.wait_for_function("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status == 'idle'")
    page.wait_for_function("!document.querySelector('.jp-Notebook').textContent.includes('[*]')")
