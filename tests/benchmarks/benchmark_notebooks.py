"""How long it takes until a notebook is ready, shows its first figure, and ends. ``python tests/benchmarks notebooks``.

Each notebook runs once, in a kernel of its own. "Ready" is the kernel's start and the cells before the
first section; "cold" is the process before that: the times hold for warm file caches.
"""

import subprocess
import sys
import time
from pathlib import Path

from notebooks import lift

HERE = Path(__file__).parent
PACK = HERE.parents[1]
READY = {"01": 3, "02": 3, "03": 6, "04": 6, "05": 6}  # seconds, at most
CORE, FURTHER = 30, 45  # of a whole core notebook, and of one that goes further


def imports():
    """Seconds that a fresh interpreter takes for each lesson and shared file of helpers, beyond its own start."""

    def fastest(code):
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=PACK, check=True)
            seconds.append(time.perf_counter() - start)
        return min(seconds)

    nothing = fastest("pass")
    return {room: fastest(f"import helpers.{room}") - nothing for room in sorted(lift.rooms(PACK / "helpers"))}


def run(path):
    """Seconds until ready, until the first figure, and until the end; the kernel's peak memory in GB.

    Resident, and as its proportional set size, in which shared libraries count in parts. The second is sampled.
    """
    import nbformat
    from nbclient import NotebookClient

    sys.path.append(str(PACK / "tests" / "tools"))
    import kernels

    notebook = nbformat.read(path, as_version=4)
    start, ready, figure = time.perf_counter(), None, None
    client = NotebookClient(
        notebook,
        timeout=600,
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],  # the kernel's warnings would stand in the table
    )
    with client.setup_kernel(), kernels.watched(client.km.provisioner.pid) as shared:
        for i, cell in enumerate(notebook.cells):
            if ready is None and cell.cell_type == "markdown" and cell.source.startswith("## "):
                ready = time.perf_counter() - start
            client.execute_cell(cell, i)
            shown = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", ())]
            if figure is None and any("image/png" in page for page in shown):
                figure = time.perf_counter() - start
        end = time.perf_counter() - start
        code = f"import sys; sys.path.append({str(HERE)!r}); import common; print(common.peak_memory())"
        notebook.cells.append(nbformat.v4.new_code_cell(code))
        peak = client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1, store_history=False)
    return ready, figure, end, float(peak.outputs[0].text), shared[0] / 1e9


def main():
    print("Import of " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in imports().items()) + "\n")
    print("| Notebook | Ready | Goal | First figure | Whole | Goal | Peak, resident | Peak, proportional |")
    print("|---|---|---|---|---|---|---|---|")
    for path in sorted((PACK / "notebooks").glob("[0-9]*.ipynb")):
        ready, figure, end, peak, shared = run(path)
        soon, whole = READY[path.stem[:2]], CORE if path.stem[2] == "_" else FURTHER
        times = f"{ready:.1f} s | < {soon} s | {figure:.1f} s | {end:.0f} s | < {whole} s"
        print(f"| {path.stem} | {times} | {peak:.2f} GB | {shared:.2f} GB |", flush=True)
