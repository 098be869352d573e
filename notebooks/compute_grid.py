"""Noise and NoPeek in every strength, each cell attacked by all. Stored, since it takes minutes.

    python notebooks/compute_grid.py          both grids
    python notebooks/compute_grid.py dense    36 cells of the lecture's network, in about 5 minutes on two cores
    python notebooks/compute_grid.py conv     14 cells of the paper's network, in about 10

trains the clients (20 and 7), attacks every cell, and stores what it measured in helpers/defences: grid.csv and
grid.png, and grid_conv.csv.
"""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers import inversion  # noqa: E402
from helpers.defences.data import CONV_CELLS, CONV_TABLE, GRID_PICTURES, GRID_TABLE, NOISES, NOPEEK_WEIGHTS  # noqa: E402
from helpers.defences.noise import (  # noqa: E402
    DefendedConvSplitNN,
    DefendedSplitNN,
    attack,
    before_noise,
    distance_correlation,
    found_by_matching,
    retrain_server,
    train_defended,
    unbiased_distance_correlation_sqr,
)
from helpers.progress import bar  # noqa: E402

SEED = 1


def grid_cells():
    """The grid's cells in the order of its files: (when the noise was added, its scale, NoPeek weight)."""
    return [
        (when, noise, weight)
        for when in ("in training", "after training")
        for weight in NOPEEK_WEIGHTS
        for noise in NOISES
        if noise or when == "in training"
    ]


def defended_client(kind, noise, nopeek, pictures, labels):
    """A client of that kind of Defended, trained with that noise and that weight of NoPeek, from the grid's seed."""
    torch.manual_seed(SEED)
    model = kind(noise).to(pictures.device)
    train_defended(model, pictures, labels, nopeek)
    return model


def reads(model, pictures, labels):
    """The share of pictures that the clinic reads through the noise, over four draws of it."""
    return float(np.mean([inversion.accuracy(model, pictures, labels) for _ in range(4)]))


def measure(model, own, pictures, labels, reader):
    """One cell of the grid: its use, its distance correlations and its attackers' success.

    model, own, pictures: as in attack. labels: integers, shape (m,). reader: from inversion.fit_reader.
    Everything concerns what is really sent, noise included. The usual distance correlation is that of
    batches of 64. The floors are the correlations of pictures with the messages of other pictures, which
    tell nothing of them.
    Returns a dict of numbers and the dict of attack. Shares run from 0 to 1.
    """
    sent = model.sent(pictures)
    others = sent.roll(len(sent) // 2, dims=0)
    found = {
        "accuracy": reads(model, pictures, labels),
        "spread": before_noise(model, pictures).std().item(),
        "dcor": _in_batches(pictures, sent, 64),
        "dcor_floor": _in_batches(pictures, others, 64),
        "dcor_unbiased_sqr": unbiased_distance_correlation_sqr(pictures, sent),
        "dcor_unbiased_sqr_floor": unbiased_distance_correlation_sqr(pictures, others),
        "matching_found": found_by_matching(model, sent, pictures, labels).float().mean().item(),
    }
    redrawn = attack(model, own, pictures)
    return found | success(redrawn, pictures, labels, reader), redrawn


def success(redrawn, pictures, labels, reader):
    """How near the pictures of each attacker, a dict as attack gives it, come to the true ones: a dict of numbers."""
    found = {}
    for name, drawn in redrawn.items():
        found[f"{name}_mse"] = inversion.mse(pictures, drawn).mean().item()
        found[f"{name}_ssim"] = inversion.ssim(pictures, drawn).mean().item()
        found[f"{name}_read"] = (inversion.read(reader, drawn) == labels.cpu()).float().mean().item()
        found[f"{name}_found"] = inversion.found_among_same_digit(pictures, drawn, labels).float().mean().item()
    return found


def measure_as_published(model, own, pictures, labels, reader, batch_size):
    """The last three numbers of read_published for ``model``, as its authors measured: before the noise.

    Arguments as in measure. batch_size: for the activations; theirs was the one of training, 128 without
    NoPeek and 32 with it. For reconstructions theirs was always 256 (scripts/evaluate_attackers.py, 61c627e).
    Their attacker is an affine map that undoes no tanh, and so is this one, for either kind of client. The attackers
    of a DefendedConvSplitNN in attack do undo it.
    Returns a dict of three numbers.
    """
    activations = before_noise(model, pictures)
    drawn = inversion.redraw_ridge(inversion.fit_ridge(before_noise(model, own), own), activations)
    return {
        "published_dcor": _in_batches(pictures, activations, batch_size, squared=True),
        "published_dcor_redrawn": _in_batches(pictures, drawn, 256, squared=True),
        "published_read": (inversion.read(reader, drawn) == labels.cpu()).float().mean().item(),
    }


def _in_batches(pictures, messages, size, squared=False):
    pairs = zip(pictures.split(size), messages.split(size), strict=True)
    scores = [distance_correlation(x, y, squared).item() for x, y in pairs if len(x) == size]
    return float(np.mean(scores))


def grid_data():
    """What the grid is computed with: client pictures and labels, letters, test pictures and labels, a reader."""
    digits = inversion.data.digits()
    letters, _ = inversion.data.letters().tensors()
    reader = inversion.fit_reader(*digits.reader.tensors())
    return *digits.client.tensors(), letters, *digits.test.tensors(), reader


def compute_grid(cells=None):
    """Train and attack ``cells`` (all of grid_cells unless told).

    Cells that differ only in the noise after training share a client; there, the server's part is trained again on
    the noisy messages. Raises ValueError for a cell whose noise is added neither "in training" nor "after training".
    Returns a DataFrame, a row a cell, and uint8 pictures, shape (cells, 20, 28, 28), of Iona's PIN: what is
    sent for her four digits (500 numbers as 20 rows of 25, the smallest white and the largest black), and
    how each of ATTACKERS draws them; 255 is ink.
    """
    import pandas as pd

    cells = cells or grid_cells()
    data = grid_data()
    _, _, letters, test_x, test_y, reader = data
    pin = [int((test_y == digit).nonzero()[0]) for digit in (2, 7, 0, 9)]
    rows, pictures = [], []
    for row, model in _cells(DefendedSplitNN, cells, data):
        found, drawn = measure(model, letters, test_x, test_y, reader)
        hers = {name: some[pin] for name, some in drawn.items()}
        row |= found
        if row["when"] == "in training":
            row |= measure_as_published(model, letters, test_x, test_y, reader, 32 if row["nopeek"] else 128)
        row |= {f"{name}_pin": "".join(map(str, inversion.read(reader, some).tolist())) for name, some in hers.items()}
        rows.append(row)
        tiles = [*map(_as_tile, model.sent(test_x[pin])), *torch.cat(list(hers.values())).reshape(-1, 28, 28)]
        pictures.append(inversion.data.unscale(torch.stack(tiles)))
    return pd.DataFrame(rows), np.stack(pictures)


def compute_conv_grid(cells=None):
    """Train and attack ``cells`` (all of CONV_CELLS unless told) on the paper's network, as compute_grid does.

    Returns a DataFrame, a row a cell. Raises as compute_grid does.
    """
    import pandas as pd

    data = grid_data()
    _, _, letters, test_x, test_y, reader = data
    rows = []
    for row, model in _cells(DefendedConvSplitNN, cells or CONV_CELLS, data):
        row["accuracy"] = reads(model, test_x, test_y)
        if row["when"] == "in training":
            row |= measure_as_published(model, letters, test_x, test_y, reader, 32 if row["nopeek"] else 128)
        row |= success(attack(model, letters, test_x), test_x, test_y, reader)
        insider = found_by_matching(model, model.sent(test_x), test_x, test_y)
        rows.append(row | {"matching_found": insider.float().mean().item()})
    return pd.DataFrame(rows)


def _cells(kind, cells, data):
    """The start of each cell's row, and its client as it is attacked."""
    if unknown := {when for when, *_ in cells} - {"in training", "after training"}:
        raise ValueError(f'Noise is added "in training" or "after training", not {unknown.pop()!r}.')
    client_x, client_y, _, test_x, test_y, _ = data
    clients = {}
    for when, noise, weight in bar(cells, "cells of the grid"):
        trained_with = noise if when == "in training" else 0.0, weight
        if trained_with not in clients:
            clients[trained_with] = defended_client(kind, *trained_with, client_x, client_y)
        model = copy.deepcopy(clients[trained_with])
        model.noise = noise
        torch.manual_seed(SEED)
        untold = np.nan
        if when == "after training":
            untold = reads(model, test_x, test_y)  # by a server that does not know of the noise
            torch.manual_seed(SEED)
            retrain_server(model, client_x, client_y)
        yield {"when": when, "noise": noise, "nopeek": weight, "seed": SEED, "accuracy_untold": untold}, model


def _as_tile(message):
    """500 numbers as a picture of 28 × 28: 20 rows of 25, from -1 for the smallest to 1 for the largest."""
    low, high = message.min(), message.max()
    scaled = 2 * (message - low) / (high - low).clamp(min=1e-12) - 1
    return nn.functional.pad(scaled.reshape(20, 25), (1, 2, 4, 4), value=-1.0)


def main(names):
    from PIL import Image

    if unknown := set(names) - {"dense", "conv"}:
        sys.exit(f"{unknown.pop()} is no grid: write dense, conv, or nothing for both.\n\n{__doc__}")
    if "dense" in names or not names:
        table, pictures = compute_grid()
        table.round(4).to_csv(GRID_TABLE, index=False)
        sheet = pictures.transpose(0, 2, 1, 3).reshape(-1, 20 * 28)  # a row of 20 tiles for each cell
        Image.fromarray(sheet).save(GRID_PICTURES, optimize=True)
        print(f"{len(table)} cells are stored in {GRID_TABLE.name} and {GRID_PICTURES.name}.")
    if "conv" in names or not names:
        table = compute_conv_grid()
        table.round(4).to_csv(CONV_TABLE, index=False)
        print(f"{len(table)} cells are stored in {CONV_TABLE.name}.")


if __name__ == "__main__":
    main(sys.argv[1:])
