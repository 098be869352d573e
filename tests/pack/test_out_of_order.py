"""Notebooks as students run them: sections in any order, each cell again, a long cell interrupted."""

import asyncio
import copy
import re
import time

import nbformat
import pytest
from committed import tags
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from running import TIMEOUT, parts, shown

from notebooks import execute

# Names that begin with an underscore are IPython's and ours; notebooks have none.
KEEP = "_opening, _left = {name: value for name, value in globals().items() if name[0] != '_'}, {}"
FORGET = """
_left = {name: value for name, value in globals().items()
         if name[0] != "_" and _opening.get(name, _left) is not value} | _left
for _name in [name for name in globals() if name[0] != "_"]:
    del globals()[_name]
globals().update(_opening)
"""
TIME = re.compile(r"\d m?s\b|second|minute")
HEX = re.compile(r"\b[0-9a-f]{12,}")
IMPORTS = re.compile(r"^(import|from) ", re.MULTILINE)
REMEMBER = "globals().update(_left)\n" + KEEP
BACK = """
for _name in [name for name in globals() if name[0] != "_"]:
    del globals()[_name]
globals().update(_opening)
"""
# What the stop button does, from inside: a signal that comes when the cell has just ended can hang a kernel.
STOP = """
import _thread, threading as _threading
_stopped = []
_timer = _threading.Timer({after}, lambda: (_stopped.append(True), _thread.interrupt_main()))
_timer.start()
{source}
_timer.cancel()
"""


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
        """Run ``cell`` and stop it ``after`` seconds, as the stop button does. False if it ended before."""
        try:
            await self.do(STOP.format(after=after, source=cell.source))
        except CellExecutionError:
            pass  # KeyboardInterrupt, or what follows where training was cut short: a helper may end early by design
        asked, _ = await self.run(nbformat.v4.new_code_cell("print(_stopped)"))
        return shown(asked) == ["[True]\n"]


def differences(stored, ran):
    """What the checked cells among ``ran`` show, beside what is stored, where these differ."""
    return [
        (cell.source, shown(before), shown(cell))
        for before, cell in zip(stored, ran, strict=True)
        if "nbval-check-output" in tags(cell) and shown(cell) != shown(before)
    ]


def changes(first, second):
    """What any cell showed the first time and the second, where these differ. Figures count by their alt text.

    Left out: widgets, what tells of time, and ciphertexts and digests in hexadecimal, which may be random.
    """

    def steady(cell):
        return [HEX.sub("…", text) for text in shown(cell)]

    return [
        (one.source, shown(one), shown(two))
        for one, two in zip(first, second, strict=True)
        if steady(one) != steady(two) and "widget" not in tags(one) and not TIME.search("".join(shown(one)))
    ]


async def alone(kernel, notebook):
    """Run the opening, then each section, the last one first, with no names but those of the opening.

    Leaves the names that Run All would. Returns the code cells as they ran, in the notebook's order, and the seconds
    that each took.
    """
    opening, sections = parts(notebook)
    first = [await kernel.run(cell) for cell in opening]
    await kernel.do(KEEP)
    later = []
    for section in reversed(sections):
        await kernel.do(FORGET)
        later[:0] = [await kernel.run(cell) for cell in section]
    await kernel.do(FORGET + REMEMBER)
    cells, seconds = zip(*first, *later, strict=True)
    return cells, seconds


async def again(kernel, cells, seconds):
    """Run each of ``cells`` once more on what Run All leaves, without the traces of others run again.

    The longest is stopped in its middle once before. What fails shows its error in its place.
    seconds: what each took the first time. Returns them as they ran.
    """
    # What is imported already takes no time: nothing to stop.
    worth = [0 if IMPORTS.search(cell.source) else taken for cell, taken in zip(cells, seconds, strict=True)]
    longest, stopped, ran = worth.index(max(worth)), False, []
    for i, cell in enumerate(cells):
        if i == longest and not stopped:
            # It ends before its middle where the machine is quicker now: try again, sooner.
            for halvings in range(1, 8):
                stopped = stopped or await kernel.interrupt(cell, seconds[i] / 2**halvings)
            # Quick the second time, however often it was tried: then the longest of the rest.
            longest = max(range(i + 1, len(cells)), key=worth.__getitem__, default=None)
        try:
            ran.append((await kernel.run(cell))[0])
        except CellExecutionError as problem:
            failed = nbformat.v4.new_output("stream", text=f"{problem.ename}: {problem.evalue}")
            ran.append(nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata, outputs=[failed]))
        await kernel.do(BACK)
    assert stopped, "no cell could be interrupted"
    return ran


def faults(notebook):
    """Run ``notebook`` in both ways, in one kernel: sections alone leave what Run All leaves.

    Returns the differences from what is stored when sections run alone, those of cells run again,
    and the changes from one to the other.
    """

    async def both():
        kernel, died = Kernel(), None
        try:
            async with kernel.client.async_setup_kernel():
                process = kernel.client.km.provisioner.process
                try:
                    first, seconds = await alone(kernel, notebook)
                    return first, await again(kernel, first, seconds)
                except DeadKernelError:
                    died = f"The kernel ended with status {process.poll()}; a negative one is the signal that ended it."
                    raise
        except Exception:  # nbclient clears up after a dead kernel with an error of its own
            if died:
                pytest.fail(died)
            raise

    first, second = asyncio.run(both())
    opening, sections = parts(notebook)
    stored = sum(sections, start=opening)
    return differences(stored, first), differences(stored, second), changes(first, second)


@pytest.mark.slow
def test_it_shows_the_same_in_any_order_again_and_after_an_interrupt(notebook):
    apart, twice, changed = faults(notebook)
    assert not apart, apart
    assert not twice, twice
    assert not changed, "\n\n".join(f"{source}\n--> {now}" for source, _, now in changed)


LONG = "for _ in range(20):\n    time.sleep(0.05)\n    {}"


def sections(*cells):
    """A notebook with an opening and sections of one cell: its source, and what it prints where that is checked."""
    made = [nbformat.v4.new_code_cell("import time"), nbformat.v4.new_code_cell(LONG.format("pass"))]
    for source, printed in cells:
        cell = nbformat.v4.new_code_cell(source)
        if printed:
            cell.metadata["tags"] = ["nbval-check-output"]
            cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed + "\n")]
        made += [nbformat.v4.new_markdown_cell("## A section"), cell]
    return nbformat.v4.new_notebook(cells=[*made[:2], *made[3:]])


def test_a_notebook_without_a_fault_passes():
    long = "done = [*start]\n" + LONG.format("done.append(1)") + "\nprint(sum(done))"
    assert faults(sections(("start = [1]", None), (long, "21"), ("done = 5", None))) == ([], [], [])


def test_a_section_that_needs_another_is_caught():
    needs = sections(("start = 1", None), ("other = 2", None), ("print(start + other)", "3"))
    with pytest.raises(CellExecutionError, match="name 'other' is not defined"):
        faults(needs)


def test_a_section_that_changes_what_another_reads_is_caught():
    mutates = sections(("start = [1]", None), ("start.append(2)\nprint(start)", "[1, 2]"), ("print(start)", "[1, 2]"))
    apart, _, _ = faults(mutates)
    assert [source for source, _, _ in apart] == ["print(start)"]


def test_a_name_that_is_used_twice_is_caught():
    _, _, [(source, _, now)] = faults(
        sections(("start = 1", None), ("print(start + 1)", None), ("start = 'text'", None))
    )
    assert source == "print(start + 1)" and now[0].startswith("TypeError")


def test_what_is_left_of_the_first_run_is_caught():
    left = "import builtins\nbuiltins.runs = getattr(builtins, 'runs', 0) + 1\nprint(runs)"
    apart, twice, changed = faults(sections(("start = 1", None), (left, "1"), (left.replace("runs", "others"), None)))
    assert not apart and len(twice) == 1 and len(changed) == 2


def test_half_a_cell_that_an_interrupt_leaves_is_caught():
    long = LONG.format("time.sleep(0.02); done.append(1)") + "\nprint(len(done))\ndone.clear()"
    apart, [(_, stored, now)], _ = faults(sections(("done = []", None), (long, "20"), ("start = 1", None)))
    assert not apart and stored == ["20\n"] and 20 < int(now[0]) < 40


def test_a_kernel_that_dies_says_of_what():
    with pytest.raises(pytest.fail.Exception, match="ended with status 7"):
        faults(sections(("import os\nos._exit(7)", None)))
