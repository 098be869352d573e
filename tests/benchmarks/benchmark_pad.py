"""How long the drawing pad takes from a moved pen to both pictures painted. Prints figures; it is no test.

    python tests/benchmarks/benchmark_pad.py

Opens slides/draw.html in a headless Chromium and draws with the mouse. A frame is counted from the moment
that the browser asks for it until the script is done (computed, both pictures and the bars painted), and
until the browser comes back to the page's tasks after it. Goals: median 8 ms, 95th percentile 16 ms.
"""

import math
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))
from browsing import chromium

PAGE = Path(__file__).parents[2] / "slides" / "draw.html"
WATCH = """
window.frames_ = [];
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (draw) => ask((now) => {
  const start = performance.now();
  draw(now);
  const script = performance.now() - start;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => window.frames_.push([script, performance.now() - start]);
  port2.postMessage(0);
});
"""


def scribble(page, points=240):
    """A long stroke round the pad, one point after another."""
    box = page.locator(".pen").bounding_box()
    at = lambda t: (  # noqa: E731
        box["x"] + box["width"] * (0.5 + 0.35 * math.cos(0.13 * t)),
        box["y"] + box["height"] * (0.5 + 0.35 * math.sin(0.21 * t)),
    )
    page.mouse.move(*at(0))
    page.mouse.down()
    for t in range(1, points):
        page.mouse.move(*at(t))
    page.mouse.up()


def main():
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        print("milliseconds a frame          script: median  95th    painted: median  95th   frames")
        for attacker in ("line", "weights"):
            for client in ("trained", "untrained"):
                for noise in ("0", "1"):
                    page = browser.new_page()
                    page.add_init_script(WATCH)
                    page.goto(PAGE.as_uri())
                    page.locator(".client").select_option(client)
                    page.locator(".attacker").select_option(attacker)
                    page.locator(".noise").fill(noise)
                    scribble(page, 60)  # the first frames, before the browser has compiled the script
                    page.evaluate("frames_.length = 0")
                    scribble(page)
                    frames = page.evaluate("frames_")
                    page.close()
                    script, painted = ([frame[i] for frame in frames] for i in (0, 1))
                    high = [statistics.quantiles(times, n=20)[-1] for times in (script, painted)]
                    print(
                        f"{attacker:8}{client:10} noise {noise}         {statistics.median(script):6.1f} {high[0]:6.1f}"
                        f"           {statistics.median(painted):6.1f} {high[1]:6.1f}   {len(frames):6}"
                    )
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
