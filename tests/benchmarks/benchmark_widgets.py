"""How soon a control answers: from the key press to the changed picture on the screen, in JupyterLab.

    python tests/benchmarks widgets                         all notebooks
    python tests/benchmarks/benchmark_widgets.py 02 04      those whose names begin so

Each control is pressed 20 times in a headless Chromium. The clock starts with the key
event and stops when the new picture is decoded and painted. "drawn" are presses that met a picture
for the first time; the others show one that was kept. Times are those of this machine, so keep
it calm. About a minute a notebook.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from browsing import chromium, jupyterlab, opened, run_all, widget_cells
from committed import NOTEBOOKS

PRESSES = 20
GOALS = {"median": 120, "95 %": 250}  # milliseconds

# In the page: every picture that appears in the output is decoded, painted, and noted with its time.
WATCH = """output => {
  const seen = new Set([...output.querySelectorAll('img')].map(i => i.src));
  window.pressed = window.answer = null;
  addEventListener('keydown', event => { window.pressed = event.timeStamp; }, true);
  new MutationObserver(async changed => {
    const picture = changed.flatMap(c => [...c.addedNodes]).map(n => n.querySelector?.('img') ?? n)
      .findLast(n => n.tagName == 'IMG');
    if (!picture || window.answer) return;
    await picture.decode();
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => {
        window.answer = {time: performance.now() - window.pressed, drawn: !seen.has(picture.src)};
        seen.add(picture.src);
      };
      painted.port2.postMessage(0);
    });
  }).observe(output, {childList: true, subtree: true});
}"""


def press(page, control, key):
    """Press ``key`` on the control and return {time in ms, drawn}; None where no picture followed within 3 s."""
    control.focus()
    page.evaluate("window.answer = null")
    page.keyboard.press(key)
    try:
        page.wait_for_function("window.answer", timeout=3000)
    except Exception:
        return None
    return page.evaluate("window.answer")


def sliders(cell):
    for slider in cell.locator(".widget-slider").all():
        name = slider.locator(".widget-label").inner_text()
        handle = slider.locator("[role=slider]")

        def step(page, state, handle=handle):
            now, low, high = (float(handle.get_attribute(f"aria-value{end}")) for end in ("now", "min", "max"))
            if now in (low, high):
                state["key"] = "ArrowRight" if now == low else "ArrowLeft"
            return handle, state.setdefault("key", "ArrowRight")

        yield name, step


def buttons(cell):
    for group in cell.locator(".widget-toggle-buttons").all():
        name = group.locator(".widget-label").inner_text()

        def step(page, state, group=group):
            every = group.locator("button")
            state["at"] = (state.get("at", 0) + 1) % every.count()
            if every.nth(state["at"]).get_attribute("class").count("mod-active"):
                state["at"] = (state["at"] + 1) % every.count()
            return every.nth(state["at"]), "Enter"

        yield name, step
    for box in cell.locator(".widget-checkbox").all():
        yield box.inner_text().strip("\u200b\n "), lambda page, state, box=box: (box.locator("input"), "Space")
    following, previous = (cell.get_by_role("button", name=name, exact=True) for name in ("Next", "Previous"))
    if following.count():
        slider = cell.locator("[role=slider]")

        def step(page, state):
            now, high = (float(slider.get_attribute(f"aria-value{end}")) for end in ("now", "max"))
            state["back"] = now > 0 and (now == high or state.get("back", False))
            return (previous if state["back"] else following), "Enter"

        yield "Next and Previous", step


def row(label, answers, silent):
    times = sorted(answer["time"] for answer in answers)
    drawn = [answer["time"] for answer in answers if answer["drawn"]]
    median, high = statistics.median(times), times[int(0.95 * (len(times) - 1) + 0.5)]
    first = f"{statistics.median(drawn):.0f} ({len(drawn)})" if drawn else "–"
    verdict = "" if median <= GOALS["median"] and high <= GOALS["95 %"] else " over"
    return f"| {label} | {len(times)} | {silent} | {median:.0f} | {high:.0f}{verdict} | {first} |"


def main(names):
    paths = [path for path in NOTEBOOKS if not names or path.name.startswith(tuple(names))]
    with tempfile.TemporaryDirectory() as work, sync_playwright() as playwright, jupyterlab(Path(work)) as lab:
        browser = chromium(playwright)
        print(f"Controls, ms from key press to picture; goal: median {GOALS['median']}, 95 % {GOALS['95 %']}\n")
        # A press that leads to the same picture has nothing to time.
        print("| Control | Presses timed | Presses without a new picture | Median | 95 % | Newly drawn (presses) |")
        print("|---|---|---|---|---|---|")
        for path in paths:
            page, _ = opened(browser, lab, path)
            run_all(page)
            for cell in widget_cells(page, nbformat.read(path, as_version=4)):
                cell.scroll_into_view_if_needed()
                cell.locator(".jp-OutputArea").first.evaluate(WATCH)
                for name, step in [*sliders(cell), *buttons(cell)]:
                    state, answers, silent = {}, [], 0
                    while len(answers) < PRESSES and silent < PRESSES:
                        answer = press(page, *step(page, state))
                        silent += answer is None
                        answers += [answer] if answer else []
                    label = f"{path.stem[:2]} · {name}"
                    print(row(label, answers, silent) if answers else f"| {label} | no answer |", flush=True)
            page.close()


if __name__ == "__main__":
    main(sys.argv[1:])
