"""Defences against the pack's attacks, and what each leaves open.

Noise on counts (differential privacy), noise and NoPeek on what a split network sends,
and DP-SGD, which protects the training set. The attackers are those of ``inversion``.

    python -m helpers.defences

trains the 20 networks of notebook 4's grid, attacks each, and stores what it measured in
defence_grid.csv and defence_pictures.npz beside this file. It takes about three minutes on two cores.
"""

import hashlib
import hmac
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn

from . import inversion, splitnn
from .splitnn import check_pictures

# --- pseudonyms ---------------------------------------------------------------


def keyed_pseudonym(value, key, purpose=""):
    """A pseudonym that only the holder of the key can compute: HMAC-SHA-256, its first 16 hexadecimal characters.

    value, purpose: texts; another purpose gives an unrelated pseudonym. key: at least 16 secret bytes.
    Equal values get equal pseudonyms within one purpose. Raises ValueError for a shorter key.
    Source: RFC 2104.
    """
    if len(key) < 16:
        raise ValueError(f"The key must have at least 16 bytes, but {len(key)} were given. os.urandom(32) makes a good one.")
    # The length goes in front: otherwise ("a", "bc") and ("ab", "c") would be the same text.
    return hmac.new(key, f"{len(purpose)}:{purpose}{value}".encode(), hashlib.sha256).hexdigest()[:16]


# --- differential privacy for counts ------------------------------------------


def laplace_counts(counts, epsilon, rng, sensitivity=None):
    """Counts with Laplace noise, for a total of ``epsilon`` however many counts there are.

    counts: shape (m,). epsilon: the total, above 0. rng: a NumPy Generator.
    sensitivity: by how much all counts together can change when one person's answer changes
    (added up over the counts); m unless told, for a person may stand in every count.
    Returns floats, shape (m,): counts plus noise of scale sensitivity / epsilon.
    Raises ValueError for an epsilon or a sensitivity that is not above 0.
    Not for a real release: ordinary floating-point noise leaks in its last digits. Use OpenDP.
    Source: C. Dwork, F. McSherry, K. Nissim, A. Smith, TCC 2006; I. Mironov, CCS 2012 (the digits).
    """
    counts = np.asarray(counts, dtype=float)
    sensitivity = counts.size if sensitivity is None else sensitivity
    if not (epsilon > 0 and math.isfinite(epsilon)):
        raise ValueError(f"epsilon must be above 0 and finite, but {epsilon} was given. Small values protect more.")
    if not sensitivity > 0:
        raise ValueError(f"The sensitivity must be above 0, but {sensitivity} was given. One person in m counts: m.")
    return counts + rng.laplace(scale=sensitivity / epsilon, size=counts.shape)


def strongest_belief(prior, epsilon):
    """The most that anyone can come to believe about one person after an epsilon-private release.

    prior: their belief before, strictly between 0 and 1. epsilon: total, at least 0.
    The odds, belief against disbelief, grow at most exp(epsilon) times. Returns a probability.
    Raises ValueError outside these ranges.
    """
    if not 0 < prior < 1:
        raise ValueError(f"The prior must lie strictly between 0 and 1, but {prior} was given.")
    if not epsilon >= 0:
        raise ValueError(f"epsilon must be at least 0, but {epsilon} was given.")
    # As prior / (prior + (1 - prior) exp(-epsilon)), which cannot overflow.
    return prior / (prior + (1 - prior) * math.exp(-epsilon))


# --- noise and NoPeek on what a split network sends ---------------------------

NOISES = (0.0, 0.5, 1.0, 1.5, 2.0)  # scales of the Laplace noise
WEIGHTS = (0.0, 0.1, 0.5, 1.0)  # of NoPeek in the loss
ATTACKERS = ("unaware", "informed", "averaging")
MESSAGES = 16  # that the averaging attacker collects of one picture
SEED = 1
GRID_FILE = Path(__file__).with_name("defence_grid.csv")
PICTURES_FILE = Path(__file__).with_name("defence_pictures.npz")

# What the authors' code repository publishes for the same defences: classifier accuracy, %; distance
# correlation of input and activations; of input and reconstruction; digits read in reconstructions, %.
# None: not in the files. Keys: (when the noise was added, its scale, NoPeek weight).
# Source: github.com/TTitcombe/Model-Inversion-SplitNN, results/quantitative_measures: model_performances.csv at
# commit ae7133b, attack_performances.csv at bee33bb, posttrain_noise_model_performances.csv at ac01559.
PUBLISHED = {
    ("in training", 0.0, 0.0): (98.08, 0.815, 0.946, 95.6),
    ("in training", 0.5, 0.0): (98.24, 0.795, 0.939, 95.7),
    ("in training", 1.0, 0.0): (97.64, 0.781, 0.928, 95.1),
    ("in training", 0.0, 0.1): (98.04, 0.472, 0.828, 95.2),
    ("in training", 0.0, 0.5): (97.80, 0.389, 0.748, 96.7),
    ("in training", 0.0, 1.0): (97.90, 0.375, 0.717, 97.2),
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
    """Activations plus fresh Laplace noise of that scale (its standard deviation is 1.41 times the scale); 0: as they are.

    Drawn from torch's global generator. Raises ValueError for a scale below 0.
    """
    if not scale >= 0:
        raise ValueError(f"The scale of the noise must be at least 0, but {scale} was given.")
    if scale == 0:
        return activations
    noise = torch.distributions.Laplace(0.0, scale).sample(activations.shape)
    return activations + noise.to(activations.device)


class DefendedSplitNN(splitnn.SplitNN):
    """A SplitNN that adds Laplace noise to all that leaves the device, in training and in use.

    noise: the scale, at least 0; it can be changed after training.
    """

    def __init__(self, noise=0.0):
        super().__init__()
        self.noise = noise

    def forward(self, pictures):
        """Logits, shape (n, 10), from noisy activations. Errors are those of SplitNN."""
        check_pictures(pictures)
        return self.second_part(with_noise(self.first_part(pictures), self.noise))

    @torch.no_grad()
    def sent(self, pictures, cut="first ReLU"):
        """What really leaves the device: activations with fresh noise, shape (n, 500). Only the cut "first ReLU"."""
        if cut != "first ReLU":
            raise ValueError(f"A DefendedSplitNN sends its noisy activations after the first ReLU, not {cut!r}.")
        return with_noise(super().sent(pictures), self.noise)


def distance_correlation(x, y):
    """The distance correlation of two samples, as it is usually estimated: from 0 to 1, and too high in small batches.

    x: shape (n, p). y: shape (n, q), row by row of the same n things, n at least 2.
    Returns a tensor with one number, through which a loss can be differentiated.
    Source: G. Székely, M. Rizzo, N. Bakirov, Annals of Statistics 2007.
    """
    _check_samples(x, y, 2)
    a, b = (_double_centred(_distances(sample)) for sample in (x, y))
    squared = (a * b).mean() / ((a * a).mean() * (b * b).mean()).sqrt().clamp(min=1e-12)
    return squared.clamp(min=1e-12).sqrt()


def unbiased_distance_correlation_sqr(x, y):
    """The squared distance correlation without the bias: about 0 for independent samples, and sometimes just below.

    x: shape (n, p). y: shape (n, q), n at least 4. Returns a float.
    The same number as u_distance_correlation_sqr of the package dcor, which takes longer.
    Source: G. Székely, M. Rizzo, Annals of Statistics 2014.
    """
    _check_samples(x, y, 4)
    n = len(x)
    a, b = (_u_centred(torch.cdist(sample.double(), sample.double())) for sample in (x, y))
    product, in_x, in_y = ((p * q).sum().item() / (n * (n - 3)) for p, q in ((a, b), (a, a), (b, b)))
    return product / math.sqrt(in_x * in_y) if in_x > 0 and in_y > 0 else 0.0


def _check_samples(x, y, least):
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < least:
        raise ValueError(
            f"Two samples of shapes (n, p) and (n, q) with n at least {least} are needed, "
            f"but {tuple(x.shape)} and {tuple(y.shape)} were given."
        )


def _distances(sample):
    # Not cdist: its gradient is not a number where two rows are equal.
    squares = (sample**2).sum(dim=1)
    return (squares[:, None] + squares[None, :] - 2 * sample @ sample.T).clamp(min=1e-9).sqrt()


def _double_centred(distances):
    return distances - distances.mean(dim=0) - distances.mean(dim=1, keepdim=True) + distances.mean()


def _u_centred(distances):
    n = len(distances)
    centred = distances - distances.sum(dim=0) / (n - 2) - distances.sum(dim=1, keepdim=True) / (n - 2)
    centred += distances.sum() / ((n - 1) * (n - 2))
    return centred.fill_diagonal_(0)


def train_defended(model, pictures, labels, nopeek=0.0, epochs=15, batch_size=64, learning_rate=1e-3, seed=0):
    """Train a DefendedSplitNN, in place: cross-entropy plus ``nopeek`` times the distance correlation.

    The correlation is that of pictures and activations before the noise, in each batch, as in the code of
    the paper behind the grid. Arguments and errors are otherwise those of splitnn.train_classifier; with
    nopeek=0 and no noise it learns the same network. The noise comes from torch's global generator.
    Source: P. Vepakomma, A. Singh, O. Gupta, R. Raskar, NoPeek, 2020, arXiv 2008.09161.
    """
    check_pictures(pictures)
    if labels.shape != (len(pictures),):
        raise ValueError(f"{len(pictures)} pictures need labels of shape ({len(pictures)},), not {tuple(labels.shape)}.")
    if not nopeek >= 0:
        raise ValueError(f"The weight of NoPeek must be at least 0, but {nopeek} was given.")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for batch in torch.randperm(len(pictures), generator=order).to(pictures.device).split(batch_size):
            activations = model.first_part(pictures[batch])
            logits = model.second_part(with_noise(activations, model.noise))
            loss = nn.functional.cross_entropy(logits, labels[batch])
            if nopeek and len(batch) > 1:
                loss = loss + nopeek * distance_correlation(pictures[batch], activations)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def attack(model, own, pictures):
    """What the three attackers of the grid redraw from what ``model`` really sends for ``pictures``.

    model: a DefendedSplitNN. own: the attacker's pictures, shape (n, 784). pictures: shape (m, 784).
    Each is the straight line of inversion.fit_ridge. "unaware" learned from its own pictures' activations
    without noise. "informed" learned from them with the noise. "averaging" is informed too, and reads the
    mean of MESSAGES messages of each picture; it learned from noise of the same standard deviation as such a mean.
    Returns a dict from ATTACKERS to pictures, shape (m, 784).
    """
    scale = model.noise
    with torch.no_grad():
        clean = model.first_part(own)
    one, many = model.sent(pictures), sum(model.sent(pictures) for _ in range(MESSAGES)) / MESSAGES
    learned_from = {"unaware": 0.0, "informed": scale, "averaging": scale / math.sqrt(MESSAGES)}
    lines = {at: inversion.fit_ridge(with_noise(clean, at), own) for at in sorted(set(learned_from.values()))}
    read = {"unaware": one, "informed": one, "averaging": many}
    return {name: inversion.redraw_ridge(lines[learned_from[name]], read[name]) for name in ATTACKERS}


def measure_defence(model, own, pictures, labels, reader, batch_size=64):
    """One cell of the grid: use, correlations and the three attackers' success, a dict of floats.

    Arguments are those of ``attack``; labels: integers, shape (m,); reader: from inversion.fit_reader.
    Accuracy, the share read right and all correlations concern what is really sent, noise included.
    The floor is the correlation of pictures with messages of the wrong people.
    Returns the dict and what the attackers redrew.
    """
    sent = model.sent(pictures)
    wrong = sent[torch.randperm(len(sent)).to(sent.device)]
    batches = range(0, len(pictures) - batch_size + 1, batch_size)

    def in_batches(messages):
        pairs = ((pictures[i : i + batch_size], messages[i : i + batch_size]) for i in batches)
        return float(np.mean([distance_correlation(*pair).item() for pair in pairs]))

    found = {
        "accuracy": float(np.mean([splitnn.accuracy(model, pictures, labels) for _ in range(4)])),
        "dcor": in_batches(sent),
        "dcor_floor": in_batches(wrong),
        "dcor_unbiased_sqr": unbiased_distance_correlation_sqr(pictures, sent),
        "dcor_unbiased_sqr_floor": unbiased_distance_correlation_sqr(pictures, wrong),
    }
    redrawn = attack(model, own, pictures)
    for name, drawn in redrawn.items():
        found[f"{name}_mse"] = inversion.mse(pictures, drawn).mean().item()
        found[f"{name}_ssim"] = inversion.ssim(pictures, drawn).mean().item()
        found[f"{name}_read"] = (inversion.read(reader, drawn) == labels.cpu()).float().mean().item()
    return found, redrawn


def grid_cells():
    """The grid's cells in the order of its files: (when the noise was added, its scale, NoPeek weight)."""
    inside = [("in training", noise, weight) for weight in WEIGHTS for noise in NOISES]
    return inside + [("after training", noise, weight) for weight in WEIGHTS for noise in NOISES if noise]


def defended_network(when, noise, nopeek, pictures, labels, seed=SEED):
    """Train the network of one cell. when: "in training" or "after training". Returns a DefendedSplitNN."""
    if when not in ("in training", "after training"):
        raise ValueError(f'Noise is added "in training" or "after training", not {when!r}.')
    torch.manual_seed(seed)
    model = DefendedSplitNN(noise if when == "in training" else 0.0).to(pictures.device)
    train_defended(model, pictures, labels, nopeek)
    model.noise = noise
    return model


def grid_data():
    """What the grid is computed with, on the CPU: client pictures and labels, letters, test pictures and labels, reader."""
    from . import data

    parts = data.digits()
    client, reader, test = (
        (torch.from_numpy(data.scale(part.pixels)), torch.from_numpy(part.labels)) for part in parts
    )
    letters = torch.from_numpy(data.scale(data.letters().pixels))
    return *client, letters, test[0][:1000], test[1][:1000], inversion.fit_reader(*reader)


def compute_grid(cells=None, show_progress=False):
    """Train and attack ``cells`` (all of grid_cells unless told).

    Returns a DataFrame, a row a cell, and a dict of arrays for the cells in order: redrawn, uint8, shape
    (cells, 3 attackers, 4 digits, 28, 28), Iona's PIN as each attacker draws it; read, uint8, shape
    (cells, 3, 4), what the reader says; sent, float16, shape (cells, 500), the message of her first digit.
    """
    import pandas as pd

    client_x, client_y, letters, test_x, test_y, reader = grid_data()
    pin = [int((test_y == digit).nonzero()[0]) for digit in (2, 7, 0, 9)]
    rows, redrawn, read, sent = [], [], [], []
    cells = cells or grid_cells()
    for i, cell in enumerate(cells):
        if show_progress:
            print(f"cell {i + 1} of {len(cells)}: noise {cell[1]} {cell[0]}, NoPeek {cell[2]}", flush=True)
        model = defended_network(*cell, client_x, client_y)
        torch.manual_seed(SEED)
        found, drawn = measure_defence(model, letters, test_x, test_y, reader)
        hers = torch.stack([drawn[name][pin] for name in ATTACKERS])
        rows.append(dict(zip(("when", "noise", "nopeek"), cell, strict=True)) | {"seed": SEED} | found)
        redrawn.append(((hers + 1) * 127.5).round().to(torch.uint8).reshape(3, 4, 28, 28).numpy())
        read.append(torch.stack([inversion.read(reader, some) for some in hers]).to(torch.uint8).numpy())
        sent.append(model.sent(test_x[pin[:1]])[0].to(torch.float16).numpy())
    return pd.DataFrame(rows), {"redrawn": np.stack(redrawn), "read": np.stack(read), "sent": np.stack(sent)}


def read_grid():
    """The stored grid: a DataFrame with a row for each of grid_cells. Shares run from 0 to 1.

    Raises FileNotFoundError, with the command that computes it, where it is missing.
    """
    import pandas as pd

    _check_stored(GRID_FILE)
    return pd.read_csv(GRID_FILE)


def read_grid_pictures():
    """The stored pictures of the grid, in the order of its rows: a dict of arrays, see compute_grid.

    Drawn from MNIST digits of Y. LeCun, C. Cortes and C. Burges, CC BY-SA 3.0.
    Raises FileNotFoundError, with the command that computes them, where they are missing.
    """
    _check_stored(PICTURES_FILE)
    with np.load(PICTURES_FILE, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _check_stored(path):
    if not path.is_file():
        raise FileNotFoundError(
            f"{path.name} is missing. Compute it, in the pack's folder, in about three minutes: python -m helpers.defences"
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
        squares = [(back**2).sum(dim=1) * ((came**2).sum(dim=1) + 1) for (came, _), back in zip(passed, came_back, strict=True)]
        keep = (clip / sum(squares).sqrt().clamp(min=1e-12)).clamp(max=1)[:, None]
        gradients = []
        for (came, _), back in zip(passed, came_back, strict=True):
            gradients += [(back * keep).T @ came, (back * keep).sum(dim=0)]
    return gradients


def train_dp_sgd(model, pictures, labels, noise_multiplier=1.0, rate=0.1, steps=150, clip=1.0, learning_rate=0.5, seed=0):
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
        for parameter, gradient in zip(parameters, clipped_gradients(model, pictures[batch], labels[batch], clip), strict=True):
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


def membership_auc(models, pools):
    """How well a small loss gives a training picture away, from 0 to 1; 0.5 is a coin.

    models: one for each pool, trained on it and on none of the others. pools: list of (pictures, labels).
    Every picture is judged as a member by one model and as a stranger by the others, so members and
    strangers are the same pictures, of equal difficulty. The result is the chance that a member's loss is below
    a stranger's, the area under the ROC curve. Raises ValueError for fewer than two pools.
    Source: S. Yeom, I. Giacomelli, M. Fredrikson, S. Jha, Privacy Risk in Machine Learning, CSF 2018.
    """
    from sklearn.metrics import roc_auc_score

    if len(models) != len(pools) or len(pools) < 2:
        raise ValueError(f"As many models as pools are needed, at least two, but {len(models)} and {len(pools)} were given.")
    scores, member = [], []
    for i, model in enumerate(models):
        for j, pool in enumerate(pools):
            scores.append(-losses(model, *pool).cpu().numpy())
            member.append(np.full(len(pool[0]), i == j))
    return float(roc_auc_score(np.concatenate(member), np.concatenate(scores)))


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
    grid, pictures = compute_grid(show_progress=True)
    grid.round(4).to_csv(GRID_FILE, index=False)
    np.savez_compressed(PICTURES_FILE, **pictures)
    print(f"{len(grid)} cells stored in {GRID_FILE.name} and {PICTURES_FILE.name}")


if __name__ == "__main__":
    main()
