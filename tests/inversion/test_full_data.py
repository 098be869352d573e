"""Notebook 3 with FULL = True: real digits, letters in EMNIST's files and number. Claims hold, in little memory."""

import struct

import nbformat
import numpy as np
import pytest
import running
from committed import PACK

from helpers.inversion import data

pytestmark = pytest.mark.slow
NOTEBOOK = PACK / "notebooks" / "03_model_inversion.ipynb"
PEAK = """
import pathlib
status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
print(*(int(status[name].split()[0]) // 1024 for name in ("VmHWM", "VmRSS")))
"""


@pytest.fixture
def folder(real_digits, tmp_path):
    """What a download leaves: MNIST, and EMNIST's 112,800 pictures, of which 24,000 are digits, on their side."""
    (tmp_path / "MNIST").symlink_to((real_digits / "MNIST").resolve())
    letters, digits = data.letters(88_800, seed=7), data.digits(full=True, folder=real_digits).client
    order = np.random.default_rng(0).permutation(112_800)
    pixels = np.concatenate([letters.pixels, np.resize(digits.pixels, (24_000, 28, 28))])[order]
    classes = np.concatenate([np.full(88_800, 10), np.resize(digits.labels, 24_000)])[order]  # 10 is the letter A
    raw = tmp_path / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    for kind, values in (("images-idx3", pixels.transpose(0, 2, 1)), ("labels-idx1", classes)):
        header = struct.pack(f">{1 + values.ndim}I", 0x800 + values.ndim, *values.shape)
        (raw / f"emnist-balanced-train-{kind}-ubyte").write_bytes(header + values.astype(np.uint8).tobytes())
    return tmp_path


def test_the_core_notebook_holds_on_all_there_is(folder):
    whole = nbformat.read(NOTEBOOK, as_version=4)
    imports = next(place for place, cell in enumerate(whole.cells) if cell.id == "imports")
    assert "FULL = False" in whole.cells[imports].source
    whole.cells[imports].source = whole.cells[imports].source.replace("FULL = False", "FULL = True")
    peak = [nbformat.v4.new_code_cell(PEAK) for _ in range(2)]
    whole.cells = [*whole.cells[: imports + 1], peak[0], *whole.cells[imports + 1 :], peak[1]]
    # A claim that does not hold ends the run with an error.
    assert running.offline(whole, NOTEBOOK.parent, environment={"PRIVACY_DATA": str(folder)}) == []
    cells = {cell.id: cell for cell in whole.cells}
    said = running.shown(cells["train"])[0]
    n = len(data.digits(full=True, folder=folder).client.pixels)
    assert f"learned from {n:,} digits" in said and int(said.split("reads ")[1].split("%")[0]) >= 88
    assert "88,800 letters" in running.shown(cells["letters"])[-1]
    start, end = ([int(number) for number in running.shown(cell)[0].split()] for cell in peak)
    print(f"memory: {start[1]} MB with all that is imported, {end[0]} MB at most")
    assert end[0] - start[1] < 900  # the activations of all letters are 170 MB, their pictures as floats would be 266
