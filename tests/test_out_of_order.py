"""Notebooks as students run them: sections in any order, everything twice, a long cell interrupted."""

import asyncio
import copy
import time

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from running import TIMEOUT, shown
from test_notebook_rules import tags

from notebooks import execute

pytestmark = pytest.mark.slow

# Names that begin with an underscore are IPython's and ours; notebooks have none.
KEEP = "_opening, _left = {name: value for name, value in globals().items() if name[0] != '_'}, {}"
FORGET = """
_left = {name: value for name, value in globals().items() if name[0] != "_"} | _left
for _name in _left:
    globals().pop(_name, None)
globals().update(_opening)
"""
REMEMBER = "globals().update(_left)"


def parts(notebook):
    """The opening, which every section needs, and the sections: lists of code cells."""
    found = [[]]
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            found.append([])
        elif cell.cell_type == "code":
            found[-1].append(cell)
    opening, *sections = found
    return opening, [section for section in sections if section]


class Kernel:
    """A fresh kernel that runs one cell after another."""

    def __init__(self):
        self.client = NotebookClient(
            nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell()]),
            kernel_name="python3",
            timeout=TIMEOUT,
            startup_timeout=TIMEOUT,
            resources={"metadata": {"path": str(execute.NOTEBOOKS)}},
        )

    async def run(self, cell):
        """A copy of ``cell`` with its new outputs, and the seconds it took."""
        ran, start = copy.deepcopy(cell), time.perf_counter()
        await self.client.async_execute_cell(ran, 0)
        return ran, time.perf_counter() - start

    async def do(self, source):
        await self.run(nbformat.v4.new_code_cell(source))

    async def interrupt(self, cell, after):
        """Start ``cell`` and stop it ``after`` seconds, as the stop button does. False if it ended before."""
        running = asyncio.create_task(self.run(cell))
        await asyncio.wait({running}, timeout=after)
        if not running.done():
            await self.client.km.interrupt_kernel()
        try:
            await running
        except CellExecutionError as stopped:
            assert stopped.ename == "KeyboardInterrupt", stopped
            return True
        return False


def differences(stored, ran):
    """What the checked cells among ``ran`` show, beside what is stored, where these differ."""
    return [
        (cell.source, shown(before), shown(cell))
        for before, cell in zip(stored, ran, strict=True)
        if "nbval-check-output" in tags(cell) and shown(cell) != shown(before)
    ]


async def alone(kernel, notebook):
    """Run the opening, then each section, the last one first, with no names but those of the opening.

    Returns for each section its differences, and the seconds that each code cell of the notebook took.
    """
    opening, sections = parts(notebook)
    seconds = [(await kernel.run(cell))[1] for cell in opening]
    await kernel.do(KEEP)
    found, times = [], []
    for section in reversed(sections):
        await kernel.do(FORGET)
        ran = [await kernel.run(cell) for cell in section]
        found[:0] = [differences(section, [cell for cell, _ in ran])]
        times[:0] = [taken for _, taken in ran]
    await kernel.do(FORGET + REMEMBER)
    return found, seconds + times


async def again(kernel, notebook, seconds):
    """Run everything once more, on what is left of the first time, and stop the longest cell in its middle once.

    seconds: what each code cell took. Returns the differences.
    """
    cells = sum(parts(notebook)[1], start=parts(notebook)[0])
    longest = seconds.index(max(seconds))
    ran = []
    for i, cell in enumerate(cells):
        if i == longest:
            # It ends before its middle where the machine is quicker now: try again, sooner.
            for halvings in range(1, 8):
                if await kernel.interrupt(cell, seconds[i] / 2**halvings):
                    break
            else:
                pytest.fail(f"could not be interrupted: {cell.source}")
        ran.append((await kernel.run(cell))[0])
    return differences(cells, ran)


def test_it_shows_the_same_in_any_order_again_and_after_an_interrupt(notebook):
    async def all_of_it():
        kernel = Kernel()
        async with kernel.client.async_setup_kernel():
            found, seconds = await alone(kernel, notebook)
            return found, await again(kernel, notebook, seconds)

    found, after = asyncio.run(all_of_it())
    assert not any(found), found
    assert not after, after
