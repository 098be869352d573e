"""Defences against the pack's attacks, and what each leaves open.

Noise on counts (differential privacy), noise and NoPeek on what a split network sends,
and DP-SGD, which protects the training set. Nothing here draws.

    python -m helpers.defences

trains the 20 clients of notebook 4's grid, attacks every cell, and stores what it measured in
defence_grid.csv and defence_grid.png beside this file, in about three minutes on two cores.
"""

import hashlib
import hmac
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import inversion, reidentification, splitnn
from .splitnn import check_pictures


def on_one_scale(value, nothing, everything):
    """Where ``value`` lies between what ``nothing`` and what ``everything`` reaches, from 0 to 1.

    An attack: nothing is the guess, everything the attack without a defence; the share it keeps.
    A use: nothing is what a useless release gives, everything what the undefended one gives.
    Values outside are moved to the nearer end. Raises ValueError where both ends are equal.
    """
    if nothing == everything:
        raise ValueError(f"Nothing and everything must differ, but both are {nothing}.")
    return min(1.0, max(0.0, (value - nothing) / (everything - nothing)))


# --- pseudonyms ---------------------------------------------------------------


def keyed_pseudonym(value, key):
    """A pseudonym that only a holder of the key can compute: HMAC-SHA-256, its first 16 hexadecimal characters.

    value: a text, or what str turns into one. key: at least 16 secret bytes. Equal values get equal
    pseudonyms under one key, and unrelated ones under another.
    Raises ValueError for a shorter key. Source: RFC 2104.
    """
    if len(key) < 16:
        raise ValueError(f"The key must have at least 16 bytes, but has {len(key)}. os.urandom(32) makes a good one.")
    return hmac.new(key, str(value).encode(), hashlib.sha256).hexdigest()[:16]


# --- differential privacy for counts ------------------------------------------


def laplace_mechanism(counts, epsilon, sensitivity, random):
    """Counts with Laplace noise of scale sensitivity / epsilon: epsilon-differentially private, all of them together.

    counts: shape (m,). epsilon: the total for all counts, above 0.
    sensitivity: how much the counts can change when one person's answer changes: the sum of the absolute
    changes. For someone who stands in every count it is m. random: a NumPy Generator.
    Returns floats, shape (m,). Raises ValueError unless epsilon and sensitivity are finite and above 0.
    Not for a real release: whoever knows the seed subtracts the noise, and the last digits of ordinary
    floating-point noise leak. Use OpenDP.
    Source: C. Dwork, F. McSherry, K. Nissim, A. Smith, TCC 2006; I. Mironov, CCS 2012 (the digits).
    """
    for name, value in {"epsilon": epsilon, "sensitivity": sensitivity}.items():
        if not (value > 0 and math.isfinite(value)):
            raise ValueError(f"{name} must be finite and above 0, but {value} was given.")
    counts = np.asarray(counts, dtype=float)
    return counts + random.laplace(scale=sensitivity / epsilon, size=counts.shape)


def strongest_belief(prior, epsilon):
    """The most that anyone can come to believe about one person's answer after an epsilon-private release.

    prior: their belief before, strictly between 0 and 1. epsilon: the total, at least 0.
    The odds, belief to disbelief, grow at most exp(epsilon) times. Returns a probability.
    Raises ValueError outside these ranges.
    """
    if not 0 < prior < 1:
        raise ValueError(f"The prior must lie strictly between 0 and 1, but {prior} was given.")
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be at least 0, but {epsilon} was given.")
    # As prior / (prior + (1 - prior) exp(-epsilon)), which cannot overflow.
    return prior / (prior + (1 - prior) * math.exp(-epsilon))


def expected_answers(queries, answers, scale, prior=0.2):
    """What to expect of each person's answer, given noisy counts: the attack of notebook 2 that knows the noise.

    queries: shape (m, n), 1 where a person is in a group. answers: the noisy counts, shape (m,).
    scale: of their Laplace noise, at least 0. prior: the share of people who say yes, between 0 and 1.
    Least squares with a penalty, the noise's variance (2 · scale²) over an answer's (prior · (1 - prior)):
    the more noise, the nearer the result stays to the prior. It is the mean of the posterior if noise and
    answers were Gaussian. Returns floats, shape (n,). Raises ValueError for a scale or prior out of range.
    """
    if not (scale >= 0 and 0 < prior < 1):
        raise ValueError(f"The scale must be at least 0, the prior between 0 and 1, but got {scale} and {prior}.")
    penalty = max(2 * scale**2, 1e-6) / (prior * (1 - prior))
    return reidentification.penalised_least_squares(queries, answers, prior, penalty)


def noisy_counts_trial(secret, m, epsilon, seed, prior=0.2):
    """Publish m counts about random halves of the people with a total epsilon, and attack them.

    secret: each person's answer, 0 or 1, shape (n,). seed: of the groups and the noise.
    Returns a dict: "right", the share of people whose answer expected_answers gets right; "auc", the chance
    that it holds one who said yes for likelier than one who said no; "error", by how many people a count is
    off; "useless", by how many ``prior`` times the group is off, which needs no count.
    """
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(seed)
    queries = random.integers(0, 2, (m, len(secret))).astype(float)
    counts, sensitivity = queries @ secret, queries.sum(axis=0).max()
    noisy = laplace_mechanism(counts, epsilon, sensitivity, random)
    expected = expected_answers(queries, noisy, sensitivity / epsilon, prior)
    return {
        "right": float(((expected > 0.5) == (np.asarray(secret) > 0)).mean()),
        "auc": float(roc_auc_score(secret, expected)),
        "error": float(np.abs(noisy - counts).mean()),
        "useless": float(np.abs(prior * queries.sum(axis=1) - counts).mean()),
    }


def laplace_auc(epsilon):
    """The AUC of whoever sees one count with Laplace noise and knows all answers in it but one.

    The chance that the count of somebody who said yes lies higher than that of somebody who said no, in
    groups that are otherwise the same: 0.5 for epsilon 0, a coin, and 1 without noise.
    epsilon: at least 0, else ValueError. It is the chance that the difference of two Laplace draws of scale
    1/epsilon lies below 1.
    """
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be at least 0, but {epsilon} was given.")
    return 1 - math.exp(-epsilon) * (2 + epsilon) / 4


# --- noise and NoPeek on what a split network sends ---------------------------

NOISES = (0.0, 0.5, 1.0, 1.5, 2.0)  # scales of the Laplace noise
WEIGHTS = (0.0, 0.1, 0.5, 1.0)  # of NoPeek in the loss
ATTACKERS = ("unaware", "informed", "averaging")
MESSAGES = 16  # that the averaging attacker collects of one picture
SEED = 1
GRID_TABLE = Path(__file__).with_name("defence_grid.csv")
GRID_PICTURES = Path(__file__).with_name("defence_grid.png")

# What the authors of the paper behind the grid publish in their code's repository. Keys: (when the noise was
# added, its scale, NoPeek weight). Values: classifier accuracy, %; distance correlation of pictures and
# activations before the noise; of pictures and reconstructions; digits read in reconstructions, %, by an
# attacker who was trained on digits. None: not in these three files.
# Source: github.com/TTitcombe/Model-Inversion-SplitNN, results/quantitative_measures: model_performances.csv
# at commit ae7133b, attack_performances.csv at bee33bb, posttrain_noise_model_performances.csv at ac01559.
# Other runs, averaged, stand in model_performances_averaged.csv at 7daaff3: noise 0.5 with NoPeek 0.5 reads
# 97.25 % there (correlation 0.458), noise 0.5 alone 97.67 %, neither 97.92 %. They are not mixed in here.
PUBLISHED = {
    ("in training", 0.0, 0.0): (98.08, 0.815, 0.946, 95.6),
    ("in training", 0.5, 0.0): (98.24, 0.795, 0.939, 95.7),
    ("in training", 1.0, 0.0): (97.64, 0.781, 0.928, 95.1),
    ("in training", 0.0, 0.1): (98.04, 0.472, 0.828, 95.2),
    ("in training", 0.0, 0.5): (97.80, 0.389, 0.748, 96.7),
    ("in training", 0.0, 1.0): (97.90, 0.375, 0.717, 97.2),
    ("in training", 0.0, 5.0): (81.92, 0.353, None, None),
    ("in training", 0.0, 10.0): (11.42, 0.348, None, None),
    ("in training", 0.5, 0.1): (None, None, 0.854, 93.3),
    ("in training", 0.5, 0.5): (None, None, 0.773, 96.7),
    ("after training", 0.5, 0.0): (97.90, None, None, None),
    ("after training", 1.0, 0.0): (97.24, None, None, None),
    ("after training", 1.5, 0.0): (95.98, None, None, None),
    ("after training", 2.0, 0.0): (92.38, None, None, None),
    ("after training", 0.5, 0.1): (96.96, None, None, None),
    ("after training", 1.0, 0.1): (88.88, None, None, None),
    ("after training", 1.5, 0.1): (72.04, None, None, None),
    ("after training", 2.0, 0.1): (57.16, None, None, None),
    ("after training", 0.5, 0.5): (94.00, None, None, None),
    ("after training", 1.0, 0.5): (66.88, None, None, None),
    ("after training", 1.5, 0.5): (45.20, None, None, None),
    ("after training", 2.0, 0.5): (33.82, None, None, None),
}


def with_noise(activations, scale):
    """Activations plus fresh Laplace noise of that scale, whose standard deviation is 1.41 times the scale.

    Drawn from torch's global generator. Raises ValueError for a scale that is not finite or below 0.
    """
    if not (scale >= 0 and math.isfinite(scale)):
        raise ValueError(f"The scale of the noise must be finite and at least 0, but {scale} was given.")
    if scale == 0:
        return activations
    # The difference of two exponential draws is Laplace, and quicker than torch.distributions.
    return activations + scale * (
        torch.empty_like(activations).exponential_() - torch.empty_like(activations).exponential_()
    )


class DefendedSplitNN(splitnn.SplitNN):
    """A SplitNN that adds Laplace noise to all that leaves the device, in training and in use.

    noise: its scale, at least 0; it may be changed after training.
    """

    def __init__(self, noise=0.0):
        super().__init__()
        self.noise = noise

    def forward(self, pictures):
        """Logits, shape (n, 10), from noisy activations. Raises as SplitNN does."""
        check_pictures(pictures)
        return self.second_part(with_noise(self.first_part(pictures), self.noise))

    @torch.no_grad()
    def sent(self, pictures, cut="first ReLU"):
        """What really leaves the device: activations with fresh noise, shape (n, 500).

        Raises ValueError for another cut, and as SplitNN does.
        """
        if cut != "first ReLU":
            raise ValueError(f"A DefendedSplitNN adds its noise after the first ReLU and has no cut {cut!r}.")
        return with_noise(super().sent(pictures), self.noise)


def distance_correlation(x, y, squared=False):
    """The distance correlation of two samples, as it is usually estimated: from 0 to 1, and too high in small batches.

    x: shape (n, p). y: shape (n, q), row by row of the same n things, n at least 2.
    squared: take squared distances between rows, as the published code of the paper behind the grid
    does; the result then sees straight-line dependence only.
    Returns a tensor with one number, through which a loss can be differentiated.
    Source: G. Székely, M. Rizzo, N. Bakirov, Annals of Statistics 2007.
    """
    _check_samples(x, y, 2)
    a, b = (_double_centred(_distances(sample, squared)) for sample in (x, y))
    ratio = (a * b).mean() / ((a * a).mean() * (b * b).mean()).sqrt().clamp(min=1e-12)
    return ratio.clamp(min=1e-12).sqrt()


def unbiased_distance_correlation_sqr(x, y):
    """The squared distance correlation without the bias: about 0 for independent samples, and sometimes just below.

    x: shape (n, p). y: shape (n, q), n at least 4. Returns a float.
    The same number as u_distance_correlation_sqr of the package dcor.
    Source: G. Székely, M. Rizzo, Annals of Statistics 2014.
    """
    _check_samples(x, y, 4)
    exact = "donot_use_mm_for_euclid_dist"
    a, b = (_u_centred(torch.cdist(*2 * [sample.double()], compute_mode=exact)) for sample in (x, y))
    product, in_x, in_y = ((p * q).sum().item() for p, q in ((a, b), (a, a), (b, b)))
    return product / math.sqrt(in_x * in_y) if in_x > 0 and in_y > 0 else 0.0


def _check_samples(x, y, least):
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < least:
        raise ValueError(
            f"Two samples of shapes (n, p) and (n, q) with n at least {least} are needed, "
            f"but {tuple(x.shape)} and {tuple(y.shape)} were given."
        )


def _distances(sample, squared=False):
    # Not cdist: its gradient is not a number where two rows are equal.
    squares = (sample**2).sum(dim=1)
    between = (squares[:, None] + squares[None, :] - 2 * sample @ sample.T).clamp(min=0)
    between = between * (1 - torch.eye(len(sample), dtype=sample.dtype, device=sample.device))  # rounding errors
    return between if squared else (between + 1e-12).sqrt()


def _double_centred(distances):
    return distances - distances.mean(dim=0) - distances.mean(dim=1, keepdim=True) + distances.mean()


def _u_centred(distances):
    n = len(distances)
    centred = distances - distances.sum(dim=0) / (n - 2) - distances.sum(dim=1, keepdim=True) / (n - 2)
    return (centred + distances.sum() / ((n - 1) * (n - 2))).fill_diagonal_(0)


def train_defended(model, pictures, labels, nopeek=0.0, epochs=15, batch_size=64, learning_rate=1e-3, seed=0):
    """Train a DefendedSplitNN, in place: cross-entropy plus ``nopeek`` times the distance correlation.

    The correlation is that of pictures and activations before the noise, in each batch. Without noise
    and NoPeek it learns what splitnn.train_classifier learns, and takes and raises the same; also
    ValueError for a nopeek below 0. The noise comes from torch's global generator.
    Source: P. Vepakomma, A. Singh, O. Gupta, R. Raskar, NoPeek, 2020, arXiv 2008.09161.
    """
    check_pictures(pictures)
    if labels.shape != (len(pictures),):
        raise ValueError(f"{len(pictures)} pictures need as many labels, but their shape is {tuple(labels.shape)}.")
    if not nopeek >= 0:
        raise ValueError(f"The weight of NoPeek must be at least 0, but {nopeek} was given.")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for batch in splitnn.batches(len(pictures), batch_size, order, pictures.device):
            activations = model.first_part(pictures[batch])
            logits = model.second_part(with_noise(activations, model.noise))
            loss = nn.functional.cross_entropy(logits, labels[batch])
            if nopeek and len(batch) > 1:
                loss = loss + nopeek * distance_correlation(pictures[batch], activations)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def fit_lines(activations, pictures, variances, penalty=1.0):
    """The best straight lines to pixels from activations that will come with noise: one for each variance.

    activations: shape (n, width), without noise. pictures: shape (n, 784), the attacker's own.
    variances: of the noise on each activation; for Laplace noise 2 · scale².
    Noise with variance v adds n · v to the diagonal of the regression, on average. So a line that
    would be learned from endless noisy copies needs none, and all lines share their sums.
    Returns a dict from a variance to weights for inversion.redraw_ridge; those for 0 are inversion.fit_ridge's.
    Raises ValueError for a variance below 0, and as fit_ridge does.
    Source: C. Bishop, Training with Noise is Equivalent to Tikhonov Regularization, 1995.
    """
    if not (all(variance >= 0 for variance in variances) and penalty > 0):
        raise ValueError(f"Variances must be at least 0 and the penalty above 0, but got {variances} and {penalty}.")
    if len(activations) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures and {len(activations)} activations: each picture needs its own.")
    check_pictures(pictures)
    splitnn.check_activations(activations)
    inputs = inversion.with_constant(activations)
    gram, target = (inputs.T @ inputs).double(), (inputs.T @ pictures).double()
    noisy = torch.ones(len(gram), dtype=gram.dtype, device=gram.device)
    noisy[-1] = 0  # nobody adds noise to the constant
    return {
        variance: torch.linalg.solve(gram + torch.diag(penalty + len(inputs) * variance * noisy), target).float()
        for variance in variances
    }


def attack(model, own, pictures):
    """What the grid's three attackers redraw from what ``model`` really sends for ``pictures``.

    model: a DefendedSplitNN. own: the attacker's pictures, shape (n, 784). pictures: shape (m, 784).
    "unaware": the straight line of inversion, learned from activations without noise. "informed": the
    line that expects the noise. "averaging": the mean of MESSAGES messages of each picture, read by the
    line that expects what noise is left.
    Returns a dict from ATTACKERS to pictures, shape (m, 784). Raises as fit_lines does.
    """
    variance = 2 * model.noise**2
    with torch.no_grad():
        lines = fit_lines(model.first_part(own), own, {0.0, variance, variance / MESSAGES})
    one = model.sent(pictures)
    many = sum(model.sent(pictures) for _ in range(MESSAGES)) / MESSAGES
    return {
        "unaware": inversion.redraw_ridge(lines[0.0], one),
        "informed": inversion.redraw_ridge(lines[variance], one),
        "averaging": inversion.redraw_ridge(lines[variance / MESSAGES], many),
    }


@torch.no_grad()
def found_by_matching(model, sent, pictures, labels):
    """Whether a message leads back to its own picture, for an attacker who holds all candidates: booleans, shape (n,).

    The attacker runs the device's part on the candidates and takes the one whose activations lie
    nearest to the message, by the sum of absolute differences: under Laplace noise, the likeliest.
    model: a SplitNN. sent: shape (n, 500). pictures: shape (n, 784), in the same order. labels: integers,
    shape (n,); the candidates for a message are those that show the same digit. Nothing is redrawn.
    """
    splitnn.check_activations(sent, 500)
    return inversion.own_is_nearest(torch.cdist(sent, _clean(model, pictures), p=1), labels)


# --- the grid of notebook 4 ---------------------------------------------------


def grid_cells():
    """The grid's cells in the order of its files: (when the noise was added, its scale, NoPeek weight)."""
    return [
        (when, noise, weight)
        for when in ("in training", "after training")
        for weight in WEIGHTS
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
        "accuracy": float(np.mean([splitnn.accuracy(model, pictures, labels) for _ in range(4)])),
        "spread": _clean(model, pictures).std().item(),
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
    clean = _clean(model, pictures)
    with torch.no_grad():
        drawn = inversion.redraw_ridge(inversion.fit_ridge(model.first_part(own), own), clean)
    return {
        "published_dcor": _in_batches(pictures, clean, batch_size, squared=True),
        "published_dcor_redrawn": _in_batches(pictures, drawn, 256, squared=True),
        "published_read": (inversion.read(reader, drawn) == labels.cpu()).float().mean().item(),
    }


@torch.no_grad()
def _clean(model, pictures):
    return model.first_part(pictures)


def _in_batches(pictures, messages, size, squared=False):
    pairs = zip(pictures.split(size), messages.split(size), strict=True)
    scores = [distance_correlation(x, y, squared).item() for x, y in pairs if len(x) == size]
    return float(np.mean(scores))


def grid_data():
    """What the grid is computed with: client pictures and labels, letters, test pictures and labels, a reader."""
    from . import data

    parts = [(torch.from_numpy(data.scale(part.pixels)), torch.from_numpy(part.labels)) for part in data.digits()]
    letters = torch.from_numpy(data.scale(data.letters().pixels))
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
            "python -m helpers.defences"
        )


# --- DP-SGD: the training set is private --------------------------------------


def clipped_gradients(model, pictures, labels, clip):
    """The sum over the batch of each picture's own gradient, cut down to a length of at most ``clip``.

    model: its layers with weights are all nn.Linear, as in SplitNN. pictures: shape (n, 784), n may be 0.
    labels: integers, shape (n,). clip: above 0; the length is taken over all weights together.
    Returns a list of tensors, one for each of model.parameters(), in order.

    A picture's gradient of a dense layer is the product of what came in and what came back, so its length
    is the product of theirs: no gradient of a single picture is ever stored.
    Source: M. Abadi et al., CCS 2016; I. Goodfellow, 2015, arXiv 1510.01799 (the shortcut).
    """
    if not clip > 0:
        raise ValueError(f"The length to clip at must be above 0, but {clip} was given.")
    if len(pictures) == 0:
        return [torch.zeros_like(parameter) for parameter in model.parameters()]
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    passed = []
    hooks = [layer.register_forward_hook(lambda _, came, went: passed.append((came[0], went))) for layer in layers]
    try:
        loss = nn.functional.cross_entropy(model(pictures), labels, reduction="sum")
    finally:
        for hook in hooks:
            hook.remove()
    came_back = torch.autograd.grad(loss, [went for _, went in passed])
    with torch.no_grad():
        squares = [
            (back**2).sum(dim=1) * ((came**2).sum(dim=1) + 1) for (came, _), back in zip(passed, came_back, strict=True)
        ]
        keep = (clip / sum(squares).sqrt().clamp(min=1e-12)).clamp(max=1)[:, None]
        gradients = []
        for (came, _), back in zip(passed, came_back, strict=True):
            gradients += [(back * keep).T @ came, (back * keep).sum(dim=0)]
    return gradients


def train_dp_sgd(
    model, pictures, labels, noise_multiplier=1.0, rate=0.1, steps=150, clip=1.0, learning_rate=0.5, seed=0
):
    """Train ``model``, in place, with DP-SGD: random batches, clipped gradients, Gaussian noise.

    rate: each picture is drawn into each batch with this probability. noise_multiplier: the noise's standard
    deviation, in units of ``clip``. Other arguments as in clipped_gradients.
    What this costs in privacy says dp_sgd_epsilon(noise_multiplier, rate, steps, delta).
    Source: M. Abadi et al., Deep Learning with Differential Privacy, CCS 2016.
    """
    check_pictures(pictures)
    if not 0 < rate <= 1:
        raise ValueError(f"The rate must be above 0 and at most 1, but {rate} was given.")
    random = torch.Generator().manual_seed(seed)
    parameters = list(model.parameters())
    for _ in range(steps):
        batch = (torch.rand(len(pictures), generator=random) < rate).nonzero()[:, 0].to(pictures.device)
        for parameter, gradient in zip(
            parameters, clipped_gradients(model, pictures[batch], labels[batch], clip), strict=True
        ):
            noise = noise_multiplier * clip * torch.randn(gradient.shape, generator=random).to(gradient.device)
            # Divided by the expected size of a batch: the true size would tell about the training set.
            with torch.no_grad():
                parameter -= learning_rate * (gradient + noise) / (rate * len(pictures))


def renyi_divergence(noise_multiplier, rate, order):
    """What one step of DP-SGD costs, as a Rényi divergence of that order (an integer of at least 2).

    Source: I. Mironov, K. Talwar, L. Zhang, 2019, arXiv 1908.10530, equation for integer orders.
    """
    if rate == 1:
        return order / (2 * noise_multiplier**2)
    log_terms = [
        math.lgamma(order + 1) - math.lgamma(k + 1) - math.lgamma(order - k + 1)
        + (order - k) * math.log1p(-rate) + k * math.log(rate) + (k * k - k) / (2 * noise_multiplier**2)
        for k in range(order + 1)
    ]  # fmt: skip
    largest = max(log_terms)
    return (largest + math.log(sum(math.exp(term - largest) for term in log_terms))) / (order - 1)


def dp_sgd_epsilon(noise_multiplier, rate, steps, delta):
    """The epsilon of DP-SGD with these settings, for that delta: one more or one fewer training picture.

    noise_multiplier: above 0. rate: above 0, at most 1. steps: at least 1. delta: above 0, below 1.
    Raises ValueError outside these ranges. Assumes the random batches of train_dp_sgd.
    Source: as renyi_divergence; conversion by B. Balle et al., AISTATS 2020, theorem 21.
    """
    if not (noise_multiplier > 0 and 0 < rate <= 1 and steps >= 1 and 0 < delta < 1):
        raise ValueError(
            "The accountant needs noise_multiplier > 0, 0 < rate <= 1, steps >= 1 and 0 < delta < 1, but was given "
            f"{noise_multiplier}, {rate}, {steps} and {delta}."
        )
    return max(
        0.0,
        min(
            steps * renyi_divergence(noise_multiplier, rate, order)
            + math.log1p(-1 / order)
            - (math.log(delta) + math.log(order)) / (order - 1)
            for order in range(2, 257)
        ),
    )


# --- attacks that are called by the same names --------------------------------


@torch.no_grad()
def losses(model, pictures, labels):
    """The cross-entropy of each picture, shape (n,): how surprised ``model`` is by its label."""
    return nn.functional.cross_entropy(model(pictures), labels, reduction="none")


def membership(models, pools, compared=False, false_alarms=0.01):
    """How well a small loss gives training pictures away: (AUC, share of members found).

    models: one for each pool, trained on it and on none of the others. pools: list of (pictures, labels).
    Every picture is a member for one model and a stranger for the others, so that members and strangers
    are the same pictures, equally difficult. AUC is the chance that a member's loss is below a stranger's,
    the area under the ROC curve; 0.5 is a coin. The second number is the share of members that an attacker
    finds who may call at most the share ``false_alarms`` of strangers members; a coin finds as many.
    compared: take the loss minus the mean loss of models that were not trained on the picture. This
    attacker knows such models and so how difficult a picture is; it needs at least three pools.
    Raises ValueError for fewer than two pools (three if compared), or another number of models.
    Source: S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha, CSF 2018; compared: L. Watson, C. Guo,
    G. Cormode, A. Sablayrolles, ICLR 2022.
    """
    from sklearn.metrics import roc_auc_score, roc_curve

    least = 3 if compared else 2
    if len(models) != len(pools) or len(pools) < least:
        raise ValueError(f"Needed are {least} pools and as many models, but there are {len(pools)} and {len(models)}.")
    scores, member = [], []
    for j, pool in enumerate(pools):
        of_model = np.stack([losses(model, *pool).cpu().numpy() for model in models])
        for i in range(len(models)):
            strangers = [k for k in range(len(models)) if k not in (i, j)]
            scores.append(of_model[i] - of_model[strangers].mean(axis=0) if compared else of_model[i])
            member.append(np.full(len(pool[0]), i == j))
    member, scores = np.concatenate(member), -np.concatenate(scores)
    wrong, found, _ = roc_curve(member, scores)
    return float(roc_auc_score(member, scores)), float(found[wrong <= false_alarms].max())


def class_prototypes(model, steps=300, step_size=0.02):
    """For each of the ten digits a picture of which ``model`` is as sure as can be, shape (10, 784).

    Starts from grey and climbs the gradient of the digit's log-probability. Uses no message of anybody.
    Source: M. Fredrikson, S. Jha, T. Ristenpart, CCS 2015, algorithm 1, without its clean-up step.
    """
    device = next(model.parameters()).device
    pictures = torch.zeros(10, 784, device=device, requires_grad=True)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(model(pictures), torch.arange(10, device=device), reduction="sum")
        (slope,) = torch.autograd.grad(loss, pictures)
        with torch.no_grad():
            pictures -= step_size * slope.sign()
            pictures.clamp_(-1, 1)
    return pictures.detach()


def main():
    from PIL import Image

    table, pictures = compute_grid(progress=True)
    table.round(4).to_csv(GRID_TABLE, index=False)
    sheet = pictures.transpose(0, 2, 1, 3).reshape(-1, 16 * 28)  # a row of 16 tiles for each cell
    Image.fromarray(sheet).save(GRID_PICTURES, optimize=True)
    print(f"{len(table)} cells are stored in {GRID_TABLE.name} and {GRID_PICTURES.name}.")


if __name__ == "__main__":
    main()
