"""The grid of noise and NoPeek, as notebooks/compute_grid.py stored it, and what its paper publishes."""

from pathlib import Path

import numpy as np

from .. import inversion
from .noise import ATTACKERS

NOISES = (0.0, 0.5, 1.0, 1.5, 2.0)  # scales of the Laplace noise
NOPEEK_WEIGHTS = (0.0, 0.1, 0.5, 1.0)  # of NoPeek in the loss

GRID_TABLE = Path(__file__).with_name("grid.csv")
GRID_PICTURES = Path(__file__).with_name("grid.png")


def read_grid():
    """The stored grid: a DataFrame with a row a cell, see measure in compute_grid.py. Shares run from 0 to 1.

    Raises FileNotFoundError, with the command that computes it, where it is missing.
    """
    import pandas as pd

    _check_stored(GRID_TABLE)
    return pd.read_csv(GRID_TABLE, dtype={f"{name}_pin": str for name in ATTACKERS})


def read_grid_pictures():
    """The stored pictures of the grid, from -1 to 1, shape (cells, 16, 784), as compute_grid.compute_grid gives them.

    Drawn from digits of MNIST by Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0.
    Raises FileNotFoundError, with the command that computes them, where they are missing.
    """
    from PIL import Image

    _check_stored(GRID_PICTURES)
    with Image.open(GRID_PICTURES) as sheet:
        pixels = np.asarray(sheet)
    tiles = pixels.reshape(-1, 28, 16, 28).transpose(0, 2, 1, 3)
    return inversion.data.scale(tiles.reshape(-1, 28, 28)).reshape(-1, 16, 784)


def _check_stored(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing. Compute it, in the pack's folder, in about three minutes: "
            "python notebooks/compute_grid.py"
        )


def read_published():
    """What the authors of the paper behind the grid publish in their code's repository: a DataFrame.

    Index: when the noise was added, its scale, NoPeek weight. Columns: accuracy, the classifier's, %; dcor,
    distance correlation of pictures and activations before the noise; dcor_redrawn, of pictures and
    reconstructions; read, digits read in reconstructions, %, by an attacker who was trained on digits.
    Missing: not in these three files.
    Source: github.com/TTitcombe/Model-Inversion-SplitNN, results/quantitative_measures: model_performances.csv
    at commit ae7133b, attack_performances.csv at bee33bb, posttrain_noise_model_performances.csv at ac01559.
    Other runs, averaged, stand in model_performances_averaged.csv at 7daaff3: noise 0.5 with NoPeek 0.5 reads
    97.25 % there (correlation 0.458), noise 0.5 alone 97.67 %, neither 97.92 %. They are not mixed in here.
    """
    import pandas as pd

    return pd.read_csv(GRID_TABLE.with_name("published.csv"), index_col=["when", "noise", "nopeek"])
