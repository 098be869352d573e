"""Every notebook in real JupyterLab, in a headless Chromium: its widgets run, then all is looked at and operated.

Sections without a widget show what is stored. test_solved_notebooks runs them, too.
"""

import time
from types import SimpleNamespace

import nbformat
import pytest
from browsing import SCREEN, ZOOMED, axe_findings, opened, run_widgets, widget_cells
from committed import NOTEBOOKS
from playwright.sync_api import Locator

pytestmark = pytest.mark.slow

# All that takes the focus or a click, and is to be seen.
CONTROLS = "button:visible, input:visible, select:visible, textarea:visible, [role=slider]:visible"


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def ran(request, browser, lab):
    """A notebook whose widgets have run: its page, the page's console errors, and the cells that show a widget."""
    notebook = nbformat.read(request.param, as_version=4)
    page, errors = opened(browser, lab, request.param)
    run_widgets(page, notebook)
    text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    yield SimpleNamespace(page=page, errors=errors, text=text, widgets=list(widget_cells(page, notebook)))
    page.close()


def test_no_cell_fails_or_warns(ran):
    assert ran.page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert ran.page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert ran.widgets and ran.errors == []


def test_solutions_and_notes_are_folded(ran):
    folded = ran.page.locator(".jp-MarkdownOutput details:not([open])")
    assert folded.count() == ran.text.count("<details")
    solutions = ran.page.locator(".jp-MarkdownOutput code", has_text="exercises.check_").count()
    assert folded.locator("code", has_text="exercises.check_").count() == solutions


@pytest.mark.parametrize("screen", [SCREEN, ZOOMED], ids=["100 per cent", "150 per cent"])
def test_nothing_is_cut_or_scrolls_sideways(ran, screen):
    page = ran.page
    page.set_viewport_size(screen)
    left_area_is_open = page.evaluate("!document.querySelector('#jp-left-stack').classList.contains('lm-mod-hidden')")
    if left_area_is_open:
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.wait_for_function(f"document.querySelector('.jp-WindowedPanel-outer').clientWidth > {screen['width'] - 150}")
    try:
        # Editors, outputs and all within them that holds text; a box that is not shown has no width.
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.jp-WindowedPanel-outer, .jp-OutputArea-output, .cm-scroller, '
                + '.jp-MarkdownOutput, .jp-OutputArea-output .jupyter-widgets, .jp-OutputArea-output button, '
                + '.jp-OutputArea-output label, .jp-OutputArea-output .widget-readout')]
            .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1)
            .map(e => `${e.className}: ${e.textContent.slice(0, 100)}`)"""
        )
        assert cut == []
        for cell in ran.widgets:
            inside = cell.locator(".jp-OutputArea").first.bounding_box()
            pictures = ".jupyter-widgets img, .drawing-pad canvas"
            for part in cell.locator(f"{pictures}, .widget-label:visible, {CONTROLS}").all():
                box = part.bounding_box()
                # The handle of a slider sticks out by half its width.
                assert box["width"] > 0 and box["x"] >= inside["x"] - 9, part.inner_text()
                assert box["x"] + box["width"] <= inside["x"] + inside["width"] + 9, part.inner_text()
    finally:
        page.set_viewport_size(SCREEN)


def test_axe_finds_nothing_serious(ran):
    ran.page.wait_for_timeout(1500)  # names are given to controls when the picture has loaded
    ours = [".jp-Notebook .jp-OutputArea-output", ".jp-Notebook .jp-MarkdownOutput"]
    assert axe_findings(ran.page, inside=ours) == []


def test_a_screen_reader_hears_what_a_control_is_called_and_what_it_stands_at(ran):
    for cell in ran.widgets:
        for slider in cell.locator(".widget-slider").all():
            handle = slider.locator("[role=slider]")
            assert handle.get_attribute("aria-label") == slider.locator(".widget-label").inner_text() != ""
            assert handle.get_attribute("aria-valuetext") == slider.locator(".widget-readout").text_content()
        for group in cell.locator(".widget-toggle-buttons").all():
            assert group.get_attribute("aria-label") == group.locator(".widget-label").inner_text() != ""
            assert group.locator("[aria-pressed=true]").count() == 1
        assert cell.locator("[aria-live=polite] img[alt], .drawing-pad [role=status]").count() == 1


# --- every control, by mouse and by keyboard ----------------------------------


def changes(cell, act):
    """Do ``act`` and wait until what the widget in ``cell`` shows is another than before."""
    see = "e => [...e.querySelectorAll('.jp-OutputArea img')].map(i => i.src).join() + "
    see += "[...e.querySelectorAll('.widget-html, .jp-RenderedHTML, .widget-label, .drawing-pad')]"
    see += ".map(w => w.textContent).join() + "
    # Two attackers may err alike in all the digits that the pad prints; their pictures differ.
    see += "[...e.querySelectorAll('.drawing-pad canvas')].map(c => c.toDataURL()).join()"
    before = cell.evaluate(see)
    act()
    for _ in range(200):
        if cell.evaluate(see) != before:
            return
        time.sleep(0.05)
    pytest.fail(f"nothing changed below {cell.locator('.jp-InputArea').first.inner_text()!r}")


def operate(page, cell):
    """Move every control of the widget in ``cell`` by keyboard and by mouse; returns how many were moved.

    A kind of control that is not known here is not counted.
    """

    def press(control, key):
        changes(cell, lambda: control.press(key))  # gives it the focus first

    moved = 0
    for name in ("Next", "Previous"):
        for button in cell.get_by_role("button", name=name, exact=True).all():
            changes(cell, button.click)
            press(button, "Enter")
            moved += 1
    if play := cell.locator(".widget-play button:visible").all():
        start, stop = play
        for act in (Locator.click, lambda button: button.press("Enter")):
            changes(cell, lambda: act(start))  # noqa: B023
            changes(cell, lambda: None)  # it goes on by itself
            changes(cell, lambda: act(stop))  # noqa: B023  back to the first picture
        moved += 2
    for slider in cell.locator(".widget-slider").all():
        handle = slider.locator(".noUi-handle")
        now, low, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
        for key in ("ArrowLeft", "ArrowRight") if now == high else ("ArrowRight", "ArrowLeft"):
            press(handle, key)
        box = slider.locator(".noUi-base").bounding_box()
        x = box["x"] + (0.1 if now - low > high - now else 0.9) * box["width"]
        y = box["y"] + box["height"] / 2
        changes(cell, lambda: page.mouse.click(x, y))  # noqa: B023
        moved += 1
    for group in cell.locator(".widget-toggle-buttons").all():
        for button in group.locator("button").all():
            others = group.locator("button:not(.mod-active)")
            if button.evaluate("e => e.classList.contains('mod-active')"):
                changes(cell, others.first.click)
            press(button, "Enter")
            changes(cell, others.last.click)
            changes(cell, button.click)
            moved += 1
    for box in cell.locator(".widget-checkbox input").all():
        press(box, "Space")
        changes(cell, box.click)
        moved += 1
    for field in cell.locator(".widget-text input").all():
        for text in ("guess", ""):
            changes(cell, lambda: field.fill(text))  # noqa: B023
        changes(cell, lambda: field.press_sequentially("27"))  # noqa: B023
        moved += 1
    for pad in cell.locator(".drawing-pad").all():  # strokes and fingers: test_pad.py
        for key in ("3", "ArrowLeft", "Backspace", "Delete"):
            press(pad.locator(".pen"), key)
        for button in pad.locator("button").all():  # Undo after Delete, and Clear after that
            changes(cell, button.click)
        changes(cell, pad.locator(".pen").click)  # a dot
        press(pad.locator(".noise"), "ArrowRight")
        for select in pad.locator("select").all():
            press(select, "ArrowDown")
        moved += 5
    return moved


def test_every_control_answers_to_mouse_and_keyboard(ran):
    for cell in ran.widgets:
        cell.scroll_into_view_if_needed()
        assert operate(ran.page, cell) == cell.locator(".jp-OutputArea").locator(CONTROLS).count() > 0
    assert ran.errors == []
