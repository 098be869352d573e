"""What the browser tests and the benchmark share: JupyterLab, a page with a notebook, findings of axe-core."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

from committed import PACK, tags

from notebooks import minutes

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
SCREEN = {"width": 1366, "height": 768}
# A zoomed page is laid out on a smaller screen.
ZOOMED = {"width": int(1366 / 1.5), "height": int(768 / 1.5)}


def chromium(playwright):
    """Start a Chromium: the system's, or Playwright's own. Raises Playwright's Error where there is none."""
    system = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return playwright.chromium.launch(executable_path=system, args=FLAGS)


def free_port():
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def jupyterlab(work):
    """Run JupyterLab on a copy of the pack in the folder ``work``, with settings of its own; gives its address."""
    for folder in ("notebooks", "helpers"):
        shutil.copytree(PACK / folder, work / "pack" / folder)
    settings = work / "config" / "lab" / "user-settings" / "@jupyterlab"
    (settings / "notebook-extension").mkdir(parents=True)
    (settings / "notebook-extension" / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    (settings / "apputils-extension").mkdir()
    (settings / "apputils-extension" / "notification.jupyterlab-settings").write_text(
        json.dumps({"fetchNews": "false", "checkForUpdates": False})
    )
    port = free_port()
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
                raise RuntimeError("JupyterLab did not start:\n" + (work / "log").read_text())
            yield address
        finally:
            server.terminate()
            server.wait()


def opened(browser, lab, path):
    """A page with the notebook open and its kernel idle, and the list of its console errors."""
    page = browser.new_page(viewport=SCREEN)
    page.set_default_timeout(120_000)
    errors = []
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{lab}/lab/tree/{path.name}?reset")
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status == 'idle'")
    return page, errors


def run_widgets(page, notebook):
    """Run the opening, and the sections that show a widget. Raises AssertionError where a cell fails."""
    page.evaluate(
        """async wanted => {
            const notebook = window.jupyterapp.shell.currentWidget.content;
            notebook.deselectAll();
            notebook.activeCellIndex = wanted[0];
            wanted.forEach(i => notebook.select(notebook.widgets[i]));
            await window.jupyterapp.commands.execute('notebook:run-cell');
        }""",
        minutes.parts_with(notebook, lambda cell: "widget" in tags(cell)),
    )
    settled(page)


def run_all(page):
    """Run all cells, and wait until every one has a number. Raises AssertionError where a cell fails."""
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    settled(page)


def settled(page):
    """Wait until no cell runs any more. Raises AssertionError where one failed."""
    failed = page.locator('[data-mime-type="application/vnd.jupyter.error"]')
    page.wait_for_function(
        """() => document.querySelector('[data-mime-type="application/vnd.jupyter.error"]')
        || window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status == 'idle'
        && window.jupyterapp.shell.currentWidget.content.widgets
            .every(cell => cell.model.type != 'code' || cell.model.executionCount)""",
        timeout=300_000,
    )
    assert failed.count() == 0, failed.first.inner_text()


def widget_cells(page, notebook):
    """The cells of the page whose widgets stand there, in order."""
    cells = page.locator(".jp-Notebook .jp-Cell")
    for i, cell in enumerate(notebook.cells):
        if "widget" in cell.metadata.get("tags", []):
            shown = cells.nth(i)
            shown.locator(".jupyter-widgets img, .drawing-pad canvas").first.wait_for()
            yield shown


def axe_findings(page, inside=None, exclude=()):
    """What axe-core holds to be serious or critical on the page, one line a finding.

    inside: CSS selectors of the parts to look at; all of the page by default.
    exclude: selectors of parts to leave out. Raises AssertionError where axe looked at nothing.
    """
    from axe_playwright_python import base

    page.evaluate(base.AXE_SCRIPT)
    results = page.evaluate(
        "([context, options]) => axe.run(context, options)",
        [
            {"include": [[part] for part in inside or ["html"]], "exclude": [[part] for part in exclude]},
            {"resultTypes": ["violations"]},
        ],
    )
    assert results["passes"], "axe-core has looked at nothing"
    return [
        f"{finding['id']} ({finding['impact']}): {', '.join(map(str, node['target']))}: {node['html'][:200]}"
        for finding in results["violations"]
        if finding["impact"] in ("serious", "critical")
        for node in finding["nodes"]
    ]
