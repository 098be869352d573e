"""Noise and NoPeek in every strength: 36 cells, each attacked by all. Stored, since it takes minutes.

    python -m helpers.defences.grid

trains the 20 clients, attacks every cell, and stores what it measured in grid.csv and
grid.png beside this file, in about three minutes on two cores.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from .. import inversion
from .noise import (
    ATTACKERS,
    DefendedSplitNN,
    attack,
    clean,
    distance_correlation,
    found_by_matching,
    train_defended,
    unbiased_distance_correlation_sqr,
)

NOISES = (0.0, 0.5, 1.0, 1.5, 2.0)  # scales of the Laplace noise

NOPEEK_WEIGHTS = (0.0, 0.1, 0.5, 1.0)  # of NoPeek in the loss

SEED = 1

GRID_TABLE = Path(__file__).with_name("grid.csv")

GRID_PICTURES = Path(__file__).with_name("grid.png")
PUBLISHED_TABLE = Path(__file__).with_name("published.csv")


def grid_cells():
    """The grid's cells in the order of its files: (when the noise was added, its scale, NoPeek weight)."""
    return [
        (when, noise, weight)
        for when in ("in training", "after training")
        for weight in NOPEEK_WEIGHTS
        for noise in NOISES
        if noise or when == "in training"
    ]


def defended_client(when, noise, nopeek, pictures, labels, seed=SEED):
    """The trained network of one cell, a DefendedSplitNN. when: "in training" or "after training", else ValueError."""
    if when not in ("in training", "after training"):
        raise ValueError(f'Noise is added "in training" or "after training", not {when!r}.')
    torch.manual_seed(seed)
    model = DefendedSplitNN(noise if when == "in training" else 0.0).to(pictures.device)
    train_defended(model, pictures, labels, nopeek)
    model.noise = noise
    return model


def measure(model, own, pictures, labels, reader, batch_size=64):
    """One cell of the grid: its use, its distance correlations and its three attackers' success.

    model, own, pictures: as in attack. labels: integers, shape (m,). reader: from inversion.fit_reader.
    Everything concerns what is really sent, noise included. The floors are the correlations of pictures
    with the messages of other pictures, which tell nothing of them.
    Returns a dict of numbers and the dict of attack. Shares run from 0 to 1.
    """
    sent = model.sent(pictures)
    others = sent.roll(len(sent) // 2, dims=0)
    found = {
        "accuracy": float(np.mean([inversion.accuracy(model, pictures, labels) for _ in range(4)])),
        "spread": clean(model, pictures).std().item(),
        "dcor": _in_batches(pictures, sent, batch_size),
        "dcor_floor": _in_batches(pictures, others, batch_size),
        "dcor_unbiased_sqr": unbiased_distance_correlation_sqr(pictures, sent),
        "dcor_unbiased_sqr_floor": unbiased_distance_correlation_sqr(pictures, others),
    }
    found["matching_found"] = found_by_matching(model, sent, pictures, labels).float().mean().item()
    redrawn = attack(model, own, pictures)
    for name, drawn in redrawn.items():
        found[f"{name}_mse"] = inversion.mse(pictures, drawn).mean().item()
        found[f"{name}_ssim"] = inversion.ssim(pictures, drawn).mean().item()
        found[f"{name}_read"] = (inversion.read(reader, drawn) == labels.cpu()).float().mean().item()
        found[f"{name}_found"] = inversion.found_among_same_digit(pictures, drawn, labels).float().mean().item()
    return found, redrawn


def measure_as_published(model, own, pictures, labels, reader, batch_size):
    """The last three numbers of PUBLISHED for ``model``, as its authors measured: on activations before the noise.

    Arguments as in measure. batch_size: for the activations; theirs was the one of training, 128 without
    NoPeek and 32 with it. For reconstructions theirs was always 256 (scripts/evaluate_attackers.py, 61c627e).
    Returns a dict of three numbers.
    """
    before_noise = clean(model, pictures)
    with torch.no_grad():
        drawn = inversion.redraw_ridge(inversion.fit_ridge(model.first_part(own), own), before_noise)
    return {
        "published_dcor": _in_batches(pictures, before_noise, batch_size, squared=True),
        "published_dcor_redrawn": _in_batches(pictures, drawn, 256, squared=True),
        "published_read": (inversion.read(reader, drawn) == labels.cpu()).float().mean().item(),
    }


def _in_batches(pictures, messages, size, squared=False):
    pairs = zip(pictures.split(size), messages.split(size), strict=True)
    scores = [distance_correlation(x, y, squared).item() for x, y in pairs if len(x) == size]
    return float(np.mean(scores))


def grid_data():
    """What the grid is computed with: client pictures and labels, letters, test pictures and labels, a reader."""
    parts = [
        (torch.from_numpy(inversion.data.scale(part.pixels)), torch.from_numpy(part.labels))
        for part in inversion.data.digits()
    ]
    letters = torch.from_numpy(inversion.data.scale(inversion.data.letters().pixels))
    return *parts[0], letters, *parts[2], inversion.fit_reader(*parts[1])


def compute_grid(cells=None, progress=False):
    """Train and attack ``cells`` (all of grid_cells unless told).

    Cells that differ only in the noise after training share a client.
    Returns a DataFrame, a row a cell, and uint8 pictures, shape (cells, 16, 28, 28), of Iona's PIN: what is
    sent for her four digits (500 numbers as 20 rows of 25, the smallest white and the largest black), and
    how each of ATTACKERS draws them; 255 is ink.
    """
    import pandas as pd

    client_x, client_y, letters, test_x, test_y, reader = grid_data()
    pin = [int((test_y == digit).nonzero()[0]) for digit in (2, 7, 0, 9)]
    rows, pictures, clients = [], [], {}
    cells = cells or grid_cells()
    for i, (when, noise, weight) in enumerate(cells):
        trained_with = noise if when == "in training" else 0.0
        if (trained_with, weight) not in clients:
            clients[trained_with, weight] = defended_client("in training", trained_with, weight, client_x, client_y)
        model = clients[trained_with, weight]
        model.noise = noise
        torch.manual_seed(SEED)
        found, drawn = measure(model, letters, test_x, test_y, reader)
        hers = {name: some[pin] for name, some in drawn.items()}
        row = {"when": when, "noise": noise, "nopeek": weight, "seed": SEED} | found
        if when == "in training":
            row |= measure_as_published(model, letters, test_x, test_y, reader, 32 if weight else 128)
        row |= {f"{name}_pin": "".join(map(str, inversion.read(reader, some).tolist())) for name, some in hers.items()}
        rows.append(row)
        tiles = [*map(_as_tile, model.sent(test_x[pin])), *torch.cat(list(hers.values())).reshape(-1, 28, 28)]
        pictures.append(torch.stack([(127.5 * (tile + 1)).round().to(torch.uint8) for tile in tiles]).numpy())
        if progress:
            print(f"cell {i + 1} of {len(cells)}: noise {noise} {when}, NoPeek {weight}", flush=True)
    return pd.DataFrame(rows), np.stack(pictures)


def _as_tile(message):
    """500 numbers as a picture of 28 × 28: 20 rows of 25, from -1 for the smallest to 1 for the largest."""
    low, high = message.min(), message.max()
    scaled = 2 * (message - low) / (high - low).clamp(min=1e-12) - 1
    return nn.functional.pad(scaled.reshape(20, 25), (1, 2, 4, 4), value=-1.0)


def read_grid():
    """The stored grid: a DataFrame with a row for each of grid_cells, see measure. Shares run from 0 to 1.

    Raises FileNotFoundError, with the command that computes it, where it is missing.
    """
    import pandas as pd

    _check_stored(GRID_TABLE)
    return pd.read_csv(GRID_TABLE, dtype={f"{name}_pin": str for name in ATTACKERS})


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

    return pd.read_csv(PUBLISHED_TABLE, index_col=["when", "noise", "nopeek"])


def read_grid_pictures():
    """The stored pictures of the grid, from -1 to 1, shape (cells, 16, 784), as compute_grid gives them.

    Drawn from digits of MNIST by Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0.
    Raises FileNotFoundError, with the command that computes them, where they are missing.
    """
    from PIL import Image

    _check_stored(GRID_PICTURES)
    with Image.open(GRID_PICTURES) as sheet:
        pixels = np.asarray(sheet)
    tiles = pixels.reshape(-1, 28, 16, 28).transpose(0, 2, 1, 3)
    return tiles.reshape(-1, 16, 784).astype(np.float32) / 127.5 - 1


def _check_stored(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing. Compute it, in the pack's folder, in about three minutes: "
            "python -m helpers.defences.grid"
        )


def main():
    from PIL import Image

    table, pictures = compute_grid(progress=True)
    table.round(4).to_csv(GRID_TABLE, index=False)
    sheet = pictures.transpose(0, 2, 1, 3).reshape(-1, 16 * 28)  # a row of 16 tiles for each cell
    Image.fromarray(sheet).save(GRID_PICTURES, optimize=True)
    print(f"{len(table)} cells are stored in {GRID_TABLE.name} and {GRID_PICTURES.name}.")


if __name__ == "__main__":
    main()
