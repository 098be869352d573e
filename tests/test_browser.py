"""Every notebook in real JupyterLab, in a headless Chromium: run, operate each control, look for errors."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import PACK
from test_notebook_rules import tags

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on a copy of the pack, with settings of its own."""
    work = tmp_path_factory.mktemp("lab")
    for folder in ("notebooks", "helpers"):
        shutil.copytree(PACK / folder, work / "pack" / folder)
    settings = work / "config" / "lab" / "user-settings" / "@jupyterlab"
    (settings / "notebook-extension").mkdir(parents=True)
    (settings / "notebook-extension" / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    (settings / "apputils-extension").mkdir()
    (settings / "apputils-extension" / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(work / "config"), "JUPYTER_DATA_DIR": str(work / "data")}
    with open(work / "log", "w") as log:
        server = subprocess.Popen(
            [
                sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
                "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
            ],
            cwd=work / "pack" / "notebooks", env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(200):
                try:
                    urllib.request.urlopen(address + "/api")
                    break
                except OSError:
                    time.sleep(0.3)
            else:
                pytest.fail((work / "log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait()


def opened(browser, lab, path, zoom):
    """A page with the notebook open and its kernel idle, and the list of its console errors."""
    # A zoomed page is a smaller page with larger pixels.
    page = browser.new_page(viewport={"width": int(1366 / zoom), "height": int(768 / zoom)}, device_scale_factor=zoom)
    page.set_default_timeout(120_000)
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{lab}/lab/tree/{path.name}?reset")
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'")
    return page, errors


def run_all(page):
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function(
        """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status == 'idle'
        && [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]
            .every(e => /\\[\\d+\\]/.test(e.textContent))""",
        timeout=300_000,
    )


def changes(cell, act):
    """Do ``act`` and wait until what the widget in ``cell`` shows is another than before."""
    see = "e => [...e.querySelectorAll('.jp-OutputArea img')].map(i => i.src).join() + "
    see += "[...e.querySelectorAll('.widget-html, .jp-RenderedHTML, .widget-label')].map(w => w.textContent).join()"
    before = cell.evaluate(see)
    act()
    for _ in range(100):
        if cell.evaluate(see) != before:
            return
        time.sleep(0.1)
    pytest.fail(f"nothing changed below {cell.locator('.jp-InputArea').first.inner_text()!r}")


def operate(page, cell):
    """Move every control of the widget in ``cell``, by keyboard and, where there is something to click, by mouse."""
    moved = 0
    for handle in cell.locator(".widget-slider .noUi-handle").all():
        at_end = float(handle.get_attribute("aria-valuenow")) == float(handle.get_attribute("aria-valuemax"))
        there, back = ("ArrowLeft", "ArrowRight") if at_end else ("ArrowRight", "ArrowLeft")
        handle.focus()
        changes(cell, lambda: page.keyboard.press(there))  # noqa: B023
        handle.focus()
        changes(cell, lambda: page.keyboard.press(back))  # noqa: B023
        track = cell.locator(".widget-slider .noUi-base").nth(moved)
        box = track.bounding_box()
        x, y = box["x"] + 0.6 * box["width"], box["y"] + box["height"] / 2
        changes(cell, lambda: page.mouse.click(x, y))  # noqa: B023
        moved += 1
    for name in ("Next", "Previous"):
        for button in cell.get_by_role("button", name=name, exact=True).all():
            changes(cell, button.click)
            button.focus()
            changes(cell, lambda: page.keyboard.press("Enter"))
            moved += 1
    for group in cell.locator(".widget-toggle-buttons").all():
        for button in group.locator("button:not(.mod-active)").all()[:1]:
            changes(cell, button.click)
            moved += 1
    for select in cell.locator(".widget-dropdown select").all():
        options = select.locator("option").all_text_contents()
        chosen = select.evaluate("e => e.selectedIndex")
        select.focus()
        changes(cell, lambda: page.keyboard.press("ArrowDown" if chosen + 1 < len(options) else "ArrowUp"))  # noqa: B023
        moved += 1
    for box in cell.locator(".widget-checkbox input").all():
        box.focus()
        changes(cell, lambda: page.keyboard.press("Space"))
        changes(cell, box.click)
        moved += 1
    return moved


def test_it_runs_and_every_control_answers(browser, lab, path, notebook):
    page, errors = opened(browser, lab, path, zoom=1)
    try:
        run_all(page)
        assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
        assert page.locator('[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
        cells = page.locator(".jp-Notebook .jp-Cell")
        for i, cell in enumerate(notebook.cells):
            if "widget" in tags(cell):
                shown = cells.nth(i)
                shown.scroll_into_view_if_needed()
                shown.locator(".jupyter-widgets").first.wait_for()
                assert operate(page, shown) > 0, cell.source
        assert errors == []
    finally:
        page.close()


def test_nothing_is_cut_at_150_per_cent(browser, lab, path):
    page, _ = opened(browser, lab, path, zoom=1.5)
    try:
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.wait_for_selector(".jp-Notebook .jp-OutputArea-output img")
        wide = page.evaluate(
            """() => [...document.querySelectorAll('.jp-WindowedPanel-outer, .jp-OutputArea-output, .cm-scroller')]
            .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent.slice(0, 100))"""
        )
        assert wide == []
    finally:
        page.close()
