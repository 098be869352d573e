"""Noise and NoPeek in every strength: 36 cells, each attacked by all. Stored, since it takes minutes.

    python notebooks/compute_grid.py

trains the 20 clients, attacks every cell, and stores what it measured in grid.csv and
grid.png in helpers/defences, in about five minutes on two cores.
"""

import copy
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers import inversion  # noqa: E402
from helpers.defences.data import GRID_PICTURES, GRID_TABLE, NOISES, NOPEEK_WEIGHTS  # noqa: E402
from helpers.defences.noise import (  # noqa: E402
    DefendedSplitNN,
    attack,
    before_noise,
    distance_correlation,
    found_by_matching,
    retrain_server,
    train_defended,
    unbiased_distance_correlation_sqr,
)

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


def defended_client(noise, nopeek, pictures, labels):
    """A DefendedSplitNN, trained with that noise and that weight of NoPeek, from the grid's seed."""
    torch.manual_seed(SEED)
    model = DefendedSplitNN(noise).to(pictures.device)
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
    for name, drawn in redrawn.items():
        found[f"{name}_mse"] = inversion.mse(pictures, drawn).mean().item()
        found[f"{name}_ssim"] = inversion.ssim(pictures, drawn).mean().item()
        found[f"{name}_read"] = (inversion.read(reader, drawn) == labels.cpu()).float().mean().item()
        found[f"{name}_found"] = inversion.found_among_same_digit(pictures, drawn, labels).float().mean().item()
    return found, redrawn


def measure_as_published(model, own, pictures, labels, reader, batch_size):
    """The last three numbers of read_published for ``model``, as its authors measured: before the noise.

    Arguments as in measure. batch_size: for the activations; theirs was the one of training, 128 without
    NoPeek and 32 with it. For reconstructions theirs was always 256 (scripts/evaluate_attackers.py, 61c627e).
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


def compute_grid(cells=None, progress=False):
    """Train and attack ``cells`` (all of grid_cells unless told).

    Cells that differ only in the noise after training share a client; there, the server's part is trained again on
    the noisy messages. Raises ValueError for a cell whose noise is added neither "in training" nor "after training".
    Returns a DataFrame, a row a cell, and uint8 pictures, shape (cells, 20, 28, 28), of Iona's PIN: what is
    sent for her four digits (500 numbers as 20 rows of 25, the smallest white and the largest black), and
    how each of ATTACKERS draws them; 255 is ink.
    """
    import pandas as pd

    cells = cells or grid_cells()
    if unknown := {when for when, *_ in cells} - {"in training", "after training"}:
        raise ValueError(f'Noise is added "in training" or "after training", not {unknown.pop()!r}.')
    client_x, client_y, letters, test_x, test_y, reader = grid_data()
    pin = [int((test_y == digit).nonzero()[0]) for digit in (2, 7, 0, 9)]
    rows, pictures, clients = [], [], {}
    for i, (when, noise, weight) in enumerate(cells):
        trained_with = noise if when == "in training" else 0.0, weight
        if trained_with not in clients:
            clients[trained_with] = defended_client(*trained_with, client_x, client_y)
        model = copy.deepcopy(clients[trained_with])
        model.noise = noise
        torch.manual_seed(SEED)
        untold = np.nan
        if when == "after training":
            untold = reads(model, test_x, test_y)  # by a server that does not know of the noise
            torch.manual_seed(SEED)
            retrain_server(model, client_x, client_y)
        found, drawn = measure(model, letters, test_x, test_y, reader)
        hers = {name: some[pin] for name, some in drawn.items()}
        row = {"when": when, "noise": noise, "nopeek": weight, "seed": SEED, "accuracy_untold": untold} | found
        if when == "in training":
            row |= measure_as_published(model, letters, test_x, test_y, reader, 32 if weight else 128)
        row |= {f"{name}_pin": "".join(map(str, inversion.read(reader, some).tolist())) for name, some in hers.items()}
        rows.append(row)
        tiles = [*map(_as_tile, model.sent(test_x[pin])), *torch.cat(list(hers.values())).reshape(-1, 28, 28)]
        pictures.append(inversion.data.unscale(torch.stack(tiles)))
        if progress:
            print(f"cell {i + 1} of {len(cells)}: noise {noise} {when}, NoPeek {weight}", flush=True)
    return pd.DataFrame(rows), np.stack(pictures)


def _as_tile(message):
    """500 numbers as a picture of 28 × 28: 20 rows of 25, from -1 for the smallest to 1 for the largest."""
    low, high = message.min(), message.max()
    scaled = 2 * (message - low) / (high - low).clamp(min=1e-12) - 1
    return nn.functional.pad(scaled.reshape(20, 25), (1, 2, 4, 4), value=-1.0)


def main():
    from PIL import Image

    table, pictures = compute_grid(progress=True)
    table.round(4).to_csv(GRID_TABLE, index=False)
    sheet = pictures.transpose(0, 2, 1, 3).reshape(-1, 20 * 28)  # a row of 20 tiles for each cell
    Image.fromarray(sheet).save(GRID_PICTURES, optimize=True)
    print(f"{len(table)} cells are stored in {GRID_TABLE.name} and {GRID_PICTURES.name}.")


if __name__ == "__main__":
    main()
