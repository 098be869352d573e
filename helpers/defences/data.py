"""The grid of noise and NoPeek, as notebooks/compute_grid.py stored it, and what its paper publishes."""

from pathlib import Path

import numpy as np

from .. import inversion
from .noise import ATTACKERS

NOISES = (0.0, 0.5, 1.0, 1.5, 2.0)  # scales of the Laplace noise
NOPEEK_WEIGHTS = (0.0, 0.1, 0.5, 1.0)  # of NoPeek in the loss

GRID_TABLE = Path(__file__).with_name("grid.csv")
GRID_PICTURES = Path(__file__).with_name("grid.png")
CELLS = len(NOPEEK_WEIGHTS) * (2 * len(NOISES) - 1)  # noise in training and after; no noise stands once

CONV_TABLE = Path(__file__).with_name("grid_conv.csv")
CONV_CELLS = (  # when the noise was added, its scale, NoPeek weight: those that the paper's comparison rests on
    *(("in training", 0.0, weight) for weight in NOPEEK_WEIGHTS),
    *(("in training", *both) for both in ((1.0, 0.0), (0.5, 0.5), (1.0, 0.5))),
    *(("after training", *both) for both in ((1.0, 0.0), (1.5, 0.0), (2.0, 0.0))),
    *(("after training", noise, weight) for weight in (0.1, 0.5) for noise in (1.5, 2.0)),
)


def read_grid():
    """The stored grid: a DataFrame with a row a cell, see measure in compute_grid.py. Shares run from 0 to 1.

    Raises FileNotFoundError where it is missing and RuntimeError where it is broken, with the command that computes it.
    """
    import pandas as pd

    pins = {f"{name}_pin": str for name in ATTACKERS}  # the last columns: a row that was cut lacks one
    return _stored(GRID_TABLE, lambda path: pd.read_csv(path, dtype=pins).dropna(subset=list(pins)), CELLS)


def read_conv_grid():
    """The main cells on the network of the paper: a DataFrame, see compute_conv_grid in compute_grid.py.

    Columns as in read_grid, of those that there are. Raises as read_grid does.
    """
    import pandas as pd

    return _stored(CONV_TABLE, lambda path: pd.read_csv(path).dropna(subset=["matching_found"]), len(CONV_CELLS))


def read_grid_pictures():
    """The stored pictures of the grid, from -1 to 1, shape (cells, 20, 784), as compute_grid.compute_grid gives them.

    Drawn from digits of MNIST by Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0. Raises as read_grid does.
    """
    from PIL import Image

    def read(path):
        with Image.open(path) as sheet:
            return np.asarray(sheet).reshape(-1, 28, 20, 28)

    tiles = _stored(GRID_PICTURES, read, CELLS).transpose(0, 2, 1, 3)
    return inversion.data.scale(tiles.reshape(-1, 28, 28)).reshape(-1, 20, 784)


def _stored(path, read, rows=None, mend="Compute it, in the pack's folder: python notebooks/compute_grid.py"):
    """What ``read`` gives for a file of so many rows, or an error that says how to get the file back."""
    try:
        table, problem = read(path), f"it should have {rows or 'some'} whole rows"
    except Exception as error:  # what a reader says of an empty, cut or foreign file differs by its version
        table, problem = (), f"{type(error).__name__}: {error}"
    if len(table) != rows if rows else not len(table):
        kind = RuntimeError if path.is_file() else FileNotFoundError
        raise kind(f"{path.name} is {'broken' if path.is_file() else 'missing'} ({problem}). {mend}")
    return table


def read_published():
    """What the authors of the paper behind the grid publish in their code's repository: a DataFrame.

    Index: when the noise was added, its scale, NoPeek weight. Columns: accuracy, the classifier's, %; dcor, distance
    correlation of pictures and activations before the noise; dcor_redrawn, of pictures and reconstructions; read,
    digits read in reconstructions, %, by an attacker who was trained on digits. Missing: not in these files.
    Source: github.com/TTitcombe/Model-Inversion-SplitNN, results/quantitative_measures: model_performances.csv at
    commit ae7133b, and at c006288 for noise together with NoPeek; attack_performances.csv at bee33bb;
    posttrain_noise_model_performances.csv at ac01559. Other runs, averaged, stand in model_performances_averaged.csv at
    7daaff3: noise 0.5 with NoPeek 0.5 reads 97.25 % there (correlation 0.458), noise 0.5 alone 97.67 %, neither
    97.92 %. They are not mixed in here. Raises as read_grid does.
    """
    import pandas as pd

    columns, mend = ["when", "noise", "nopeek"], "Fetch it again from where you have the pack."
    return _stored(GRID_TABLE.with_name("published.csv"), lambda path: pd.read_csv(path, index_col=columns), mend=mend)
