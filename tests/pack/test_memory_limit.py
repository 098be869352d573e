"""The core of lesson 3 runs to its end where a free hub gives it a gigabyte."""

import kernels
import nbformat
import pytest
import running
from committed import CORES
from nbclient import NotebookClient

GIGABYTE = 10**9


@pytest.mark.slow
def test_lesson_3_runs_to_its_end_in_a_gigabyte():
    """In a control group that allows no more; where none can be made, by what the kernel held at most."""
    notebook = nbformat.read(CORES["03"], as_version=4)
    with kernels.limited(GIGABYTE) as group:
        resources = {"metadata": {"path": str(CORES["03"].parent)}}
        client = NotebookClient(
            notebook, km=kernels.manager(group), timeout=running.TIMEOUT, startup_timeout=running.TIMEOUT,
            resources=resources, extra_arguments=["--log-level=ERROR"],
        )  # fmt: skip
        with client.setup_kernel(cleanup_kc=True), kernels.watched(client.km.provisioner.pid) as peak:
            for i, cell in enumerate(notebook.cells):
                client.execute_cell(cell, i)  # raises if the kernel dies
    print(f"{peak[0] / 1e9:.2f} GB at most, {'limited' if group else 'not limited'}")
    assert 0.2 * GIGABYTE < peak[0] < GIGABYTE
    assert not any("This notebook needs" in text for text in running.shown(notebook.cells[1]))
