"""Noise and NoPeek on what a split network sends, and attackers who know of them."""

import math

import torch
from torch import nn

from .. import inputs, inversion
from ..inversion.splitnn import check_kind, check_layer, floats
from ..optimizer import Adam
from ..progress import bar

ATTACKERS = ("unaware", "informed", "white-box", "persistent")

MESSAGES = 16  # that the persistent attacker collects of one picture


class Defended:
    """What a defended client adds to its network: Laplace noise on all that leaves the device, in training and in use.

    noise: its scale, at least 0; it may be changed after training.
    """

    def __init__(self, noise=0.0):
        super().__init__()
        self.noise = inputs.real("noise", noise, 0)

    def forward(self, pictures):
        """Logits, shape (n, 10), from noisy activations. Raises as SplitNN does."""
        pictures = inversion.check_pictures(pictures).to(next(self.parameters()))
        return self.second_part(inversion.with_noise(self.first_part(pictures), self.noise))

    @torch.no_grad()
    def sent(self, pictures, cut=None):
        """What really leaves the device: activations with fresh noise, shape (n, 500).

        Raises ValueError for another cut than the network's own, after which no noise is added, and as SplitNN does.
        """
        if cut is not None:
            inputs.choice(f"The cut of a {type(self).__name__}", cut, self.cuts[1:2])
        return inversion.with_noise(super().sent(pictures), self.noise)


class DefendedSplitNN(Defended, inversion.SplitNN):
    """A SplitNN, defended: noise as in Defended."""


class DefendedConvSplitNN(Defended, inversion.ConvSplitNN):
    """A ConvSplitNN, the network of the paper, defended: noise as in Defended."""


def distance_correlation(x, y, squared=False):
    """The distance correlation of two samples, as it is usually estimated: from 0 to 1, and too high in small batches.

    x: float tensor, shape (n, p). y: shape (n, q), row by row of the same n things, n at least 2.
    squared: take squared distances between rows, as the published code of the paper behind the grid
    does; the result then sees straight-line dependence only.
    Returns a tensor with one number, through which a loss can be differentiated. Raises TypeError or ValueError for
    other types and shapes, and for numbers that are missing or infinite.
    Source: G. Székely, M. Rizzo, N. Bakirov, Annals of Statistics 2007.
    """
    centred = []
    for sample in _samples(x, y, 2):
        # Not cdist: its gradient is not a number where two rows are equal.
        squares = (sample**2).sum(dim=1)
        between = (squares[:, None] + squares[None, :] - 2 * sample @ sample.T).clamp(min=0)
        between = between * (1 - torch.eye(len(sample), dtype=sample.dtype, device=sample.device))  # rounding errors
        apart = between if squared else (between + 1e-12).sqrt()
        centred.append(apart - apart.mean(dim=0) - apart.mean(dim=1, keepdim=True) + apart.mean())
    a, b = centred
    ratio = (a * b).mean() / ((a * a).mean() * (b * b).mean()).sqrt().clamp(min=1e-12)
    return ratio.clamp(min=1e-12).sqrt()


def unbiased_distance_correlation_sqr(x, y):
    """The squared distance correlation without the bias: about 0 for independent samples, and sometimes just below.

    x: float tensor, shape (n, p). y: shape (n, q), n at least 4. Returns a float. Raises as distance_correlation does.
    The same number as u_distance_correlation_sqr of the package dcor.
    Source: G. Székely, M. Rizzo, Annals of Statistics 2014.
    """
    x, y = _samples(x, y, 4)
    n, centred = len(x), []
    for sample in (x.double(), y.double()):
        apart = torch.cdist(sample, sample, compute_mode="donot_use_mm_for_euclid_dist")
        columns, rows = apart.sum(dim=0) / (n - 2), apart.sum(dim=1, keepdim=True) / (n - 2)
        everything = apart.sum() / ((n - 1) * (n - 2))
        centred.append(apart.sub_(columns).sub_(rows).add_(everything).fill_diagonal_(0))
    a, b = centred
    product, in_x, in_y = ((p * q).sum().item() for p, q in ((a, b), (a, a), (b, b)))
    return product / math.sqrt(in_x * in_y) if in_x > 0 and in_y > 0 else 0.0


def _samples(x, y, least):
    x, y = floats("x", x), floats("y", y)
    if x.ndim != 2 or y.ndim != 2 or len(x) != len(y) or len(x) < least or not (x.sum() + y.sum()).isfinite():
        raise ValueError(
            f"Two samples of finite numbers, of shapes (n, p) and (n, q) with n at least {least}, are needed, "
            f"but {inputs.described(x)} and {inputs.described(y)} were given."
        )
    return x, y


def train_defended(model, pictures, labels, nopeek=0.0, epochs=15):
    """Train a defended client, in place: cross-entropy plus ``nopeek`` times the distance correlation.

    The correlation is that of pictures and activations before the noise, in each batch. Without noise
    and NoPeek it learns what train_classifier learns; arguments, what comes back and errors are as there.
    model: of either kind of Defended. nopeek: at least 0. The noise comes from torch's global generator.
    Source: P. Vepakomma, A. Singh, O. Gupta, R. Raskar, NoPeek, 2020, arXiv 2008.09161.
    """
    check_kind("model", model, Defended)
    nopeek = inputs.real("nopeek", nopeek, 0)

    def loss_of(x, y):
        activations = model.first_part(x)
        logits = model.second_part(inversion.with_noise(activations, model.noise))
        loss = nn.functional.cross_entropy(logits, y)
        return loss + nopeek * distance_correlation(x, activations) if nopeek and len(x) > 1 else loss

    return inversion.train_classifier(model, pictures, labels, epochs, loss_of=loss_of)


def retrain_server(model, pictures, labels, epochs=15):
    """Train the second part of ``model``, in place, on the messages that it gets: the server knows of the noise, too.

    For noise that was added after training. Nothing changes on the device. Arguments, what comes back and errors are
    as in train_defended.
    """
    check_kind("model", model, Defended)

    def loss_of(x, y):
        noisy = inversion.with_noise(before_noise(model, x), model.noise)
        return nn.functional.cross_entropy(model.second_part(noisy), y)

    return inversion.train_classifier(model, pictures, labels, epochs, loss_of=loss_of)


def most_probable(messages, layer, scale, own):
    """The most probable pictures behind noisy messages, for an attacker who knows the client's weights.

    Three things count: the noise that a picture leaves unexplained (Laplace of that scale), how far it lies from the
    attacker's own pictures (Gaussian), and ink beyond the range. The sum is made small by 100 steps of Adam along the
    150 directions in which those pictures vary most. A scale under 0.05 counts as 0.05.
    messages: shape (n, 500). layer: the client's Linear(784, 500). own: the attacker's own pictures, shape (m, 784).
    Returns pictures, shape (n, 784). Raises TypeError for a layer of another width, and as picture_prior and
    check_activations do.
    Source: maximum a posteriori; D. MacKay, Information Theory, Inference, and Learning Algorithms, 2003, chapter 41.
    """
    W, b = (some.detach() for some in check_layer(layer).parameters())
    messages, scale = inversion.check_activations(messages, len(W)).to(W), max(inputs.real("scale", scale, 0), 0.05)
    mean, covariance = (some.to(W) for some in inversion.picture_prior(own))
    spread, directions = torch.linalg.eigh(covariance)
    root = (directions * spread.clamp(min=0).sqrt())[:, -150:]
    through, middle = W @ root, W @ mean + b  # the first layer, seen from z
    z = torch.zeros(len(messages), root.shape[1], device=W.device, requires_grad=True)
    adam = Adam([z], 0.3)
    for _ in bar(range(100), "steps towards the pictures"):
        drawn = mean + z @ root.T
        unexplained = (messages - (z @ through.T + middle).relu()).abs().sum() / scale
        beyond = ((drawn.abs() - 1).clamp(min=0) ** 2).sum()
        adam.zero_grad()
        (unexplained + (z**2).sum() / 2 + 10 * beyond).backward()
        adam.step()
    return drawn.detach().clamp(-1, 1)


def attack(model, own, pictures):
    """What the grid's four attackers redraw from what ``model`` really sends for ``pictures``.

    Unaware and informed draw a line through one message, without and with the noise in mind. White-box knows the
    weights and takes the most probable picture. Persistent does the same with the median of 16 messages.
    For a DefendedConvSplitNN there are two, informed and persistent, and both draw a line after undo_tanh, learned on
    noisy messages of their own pictures: no white-box attacker for convolutions is written here.
    model: of either kind of Defended. own: the attackers' own pictures, shape (n, 784). pictures: shape (m, 784).
    Returns a dict from ATTACKERS to pictures, shape (m, 784). Raises as fit_ridge and picture_prior do.
    """
    scale, layer = check_kind("model", model, Defended).noise, model.first_part[0]
    if isinstance(model, inversion.ConvSplitNN):
        return _attack_tanh(before_noise(model, own), own, before_noise(model, pictures), scale)
    activations, one = before_noise(model, own), model.sent(pictures)
    many = median_of_messages(before_noise(model, pictures), scale)
    drawn = [
        inversion.redraw_ridge(inversion.fit_ridge(activations, own, noise_variance=expected), one)
        for expected in (0.0, 2 * scale**2)
    ]
    drawn += [most_probable(one, layer, scale, own), most_probable(many, layer, scale / MESSAGES**0.5, own)]
    return dict(zip(ATTACKERS, drawn, strict=True))


def undo_tanh(messages, scale=0.0):
    """What stood before the tanh of a ConvSplitNN, as far as messages with Laplace noise of that scale tell.

    The inverse tanh of each number, kept within 0.999999 of what a tanh gives; with noise within 0.9, since a large
    number is noise then. Of 0.9, 0.99, 0.9999 and 0.999999 these gave the line the lowest error.
    messages: shape (n, 500). scale: at least 0. Returns the same shape. Raises as check_activations does.
    """
    limit = 0.9 if inputs.real("scale", scale, 0) else 0.999999
    return inversion.check_activations(messages).clamp(-limit, limit).atanh()


def _attack_tanh(activations, own, theirs, scale):
    """The attackers of a DefendedConvSplitNN: a dict of what they draw of ``theirs``, activations before the noise."""
    drawn = {}
    for name, n in (("informed", 1), ("persistent", MESSAGES)):
        if drawn and not scale:  # all messages of a picture are the same
            drawn[name] = drawn["informed"]
            break
        known, seen = (undo_tanh(median_of_messages(some, scale, n), scale) for some in (activations, theirs))
        drawn[name] = inversion.redraw_ridge(inversion.fit_ridge(known, own), seen)
    return drawn


def median_of_messages(activations, scale, n=MESSAGES):
    """The median of n noisy messages for each of the activations: what a persistent attacker works with.

    activations: before the noise, shape (m, width). scale: of its Laplace noise, at least 0. n: at least 1.
    Returns shape (m, width). Raises as check_activations does, ValueError for a scale or an n out of range.
    """
    activations, scale = inversion.check_activations(activations), inputs.real("scale", scale, 0)
    n, medians = inputs.whole("n", n, 1), []
    if not scale:
        return activations
    for some in activations.split(1024):  # or n times as many numbers stand in memory
        messages = some.new_empty(n, *some.shape)
        for one in messages:
            one.copy_(inversion.with_noise(some, scale))
        # A quantile sorts, and three times as many numbers stand in memory: so of few pictures at a time.
        medians += [of_few.quantile(0.5, dim=0) for of_few in messages.split(64, dim=1)]
    return torch.cat(medians)


@torch.no_grad()
def found_by_matching(model, sent, pictures, labels):
    """Whether a message leads back to its own picture, for an attacker who holds all candidates: booleans, shape (n,).

    The attacker runs the device's part on the candidates and takes the one whose activations lie nearest to the
    message, by the sum of absolute differences: under Laplace noise, the likeliest. Nothing is redrawn.
    model: a SplitNN of any kind. sent: shape (n, 500). pictures: shape (n, 784), in the same order. labels: integers,
    shape (n,); the candidates for a message are those that show the same digit. Raises TypeError or ValueError for
    other shapes.
    """
    candidates = before_noise(model, pictures)
    sent = inversion.check_activations(sent, 500).to(candidates)
    if len(sent) != len(candidates):
        raise ValueError(f"{len(candidates)} pictures and {len(sent)} messages: each picture needs its own.")
    return inversion.own_is_nearest(torch.cdist(sent, candidates, p=1), labels)


def before_noise(model, pictures):
    """The activations of a SplitNN of any kind without any noise, shape (n, 500), with no gradient kept."""
    return inversion.SplitNN.sent(check_kind("model", model, inversion.SplitNN), pictures)
