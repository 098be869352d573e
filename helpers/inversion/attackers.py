"""The attackers that turn what a client sends back into its picture.

Pictures are tensors of shape (n, 784) from -1 (paper) to 1 (ink). Every attacker clamps what it draws to that
range: the range is public. An attacker's own may be splitnn.Pictures, too, which stay bytes until some are taken.
"""

from typing import NamedTuple

import torch
from torch import nn

from .. import inputs
from ..progress import in_two_threads
from .splitnn import AT_ONCE, check_activations, check_kind, check_layer, check_many, floats, learn, mean_picture


class Attacker(nn.Module):
    """The lecture's attacker: from activations back to a picture.

    Linear(width, 1000), ReLU, Linear(1000, 784). It never sees a private picture: it learns on pictures of its
    own, which it sends through the client.
    """

    def __init__(self, width=500):
        super().__init__()
        self.width = width
        self.layers = nn.Sequential(nn.Linear(width, 1000), nn.ReLU(), nn.Linear(1000, 784))

    def forward(self, activations):
        """Pictures, shape (n, 784), for activations of shape (n, width). Raises as check_activations does."""
        return self.layers(check_activations(activations, self.width).to(self.layers[0].weight))

    @torch.no_grad()
    def redraw(self, activations):
        """Pictures, clamped to the range of ink and paper, with no gradient kept."""
        return self(activations).clamp(-1, 1)


class Checkpoint(NamedTuple):
    """An attacker at one moment of its training.

    step: how many batches it has learned from. loss: mean squared error on the batch before this moment (None at
    step 0). redrawn: shape (m, 784), what it draws of the activations that it was told to watch.
    """

    step: int
    loss: float
    redrawn: torch.Tensor


def train_attacker(attacker, activations, pictures, watch, epochs=1, batch_size=64, learning_rate=1e-4, checkpoints=()):
    """Train ``attacker``, in place, to turn activations back into pictures. Adam, mean squared error.

    activations: shape (n, width). pictures: shape (n, 784), the attacker's own, that gave those activations.
    watch: activations, shape (m, width), redrawn at each checkpoint and never learned from.
    checkpoints: steps at which to redraw them; the first (0) and the last are always taken.
    Returns a list of Checkpoint. Stopped early (KeyboardInterrupt), the attacker keeps what it has learned, and the
    checkpoints so far come back. Raises TypeError or ValueError as check_pictures and check_activations do,
    ValueError when activations and pictures differ in number.
    """
    width = check_kind("attacker", attacker, Attacker).width
    activations, pictures = _own(activations, pictures, width)
    check_activations(watch, width)
    if bad := [step for step in inputs.sequence("checkpoints", checkpoints) if inputs.whole("A checkpoint", step) < 0]:
        raise ValueError(f"A checkpoint is a number of steps from 0 on, but {bad[0]} was given.")
    taken, step = [Checkpoint(0, None, attacker.redraw(watch))], 0

    def loss_of(batch):
        return nn.functional.mse_loss(attacker(activations[batch]), pictures[batch])

    try:
        steps = learn(attacker, loss_of, len(pictures), epochs, batch_size, learning_rate)
        for step, (_, loss) in enumerate(steps, 1):
            if step in checkpoints:
                taken.append(Checkpoint(step, loss.item(), attacker.redraw(watch)))
    except KeyboardInterrupt:
        print(f"Stopped after {step} steps. The attacker keeps what it has learned.")
    if taken[-1].step != step:
        taken.append(Checkpoint(step, loss.item(), attacker.redraw(watch)))
    return taken


def lecture_attacker(activations, pictures):
    """The lecture's attacker, trained: one pass, Adam at 1e-4, batches of 64.

    Arguments and errors are those of train_attacker. Returns an Attacker, the same each time.
    """
    attacker, activations, pictures = _new_attacker(activations, pictures)
    train_attacker(attacker, activations, pictures, watch=activations[:1])
    return attacker


def quick_attacker(activations, pictures, epochs=1):
    """The lecture's network, given a fair chance: a much lower error than its settings reach, in fewer steps.

    It starts from what a guesser knows, the mean picture. It learns from how far activations are from their mean,
    with steps twenty times as long (Adam at 2e-3, batches of 128). The mean ends up in the first layer's constants,
    so that the attacker takes activations as they are sent.
    Arguments and errors are those of train_attacker. Returns an Attacker, the same each time.
    Source: Y. LeCun, L. Bottou, G. Orr, K.-R. Müller, Efficient BackProp, 1998, section 4.3 (the means of inputs).
    """
    attacker, activations, pictures = _new_attacker(activations, pictures)
    first, last, mean = attacker.layers[0], attacker.layers[2], activations.mean(dim=0)
    with torch.no_grad():
        last.bias.copy_(mean_picture(pictures))
    # The mean is subtracted from each batch: a second table of very many activations would not fit into memory.
    centring = attacker.register_forward_pre_hook(lambda _, given: given[0] - mean)
    train_attacker(attacker, activations, pictures, activations[:1], epochs, batch_size=128, learning_rate=2e-3)
    centring.remove()
    with torch.no_grad():
        first.bias -= first.weight @ mean
    return attacker


def _new_attacker(activations, pictures):
    activations, pictures = _own(activations, pictures)
    torch.manual_seed(2)
    attacker = Attacker(activations.shape[1]).to(activations.device)
    return attacker, activations.to(attacker.layers[0].weight), pictures.to(attacker.layers[0].weight)


def _own(activations, pictures, width=None):
    """The attacker's own activations and pictures, as many and of one type."""
    activations, pictures = check_activations(activations, width), check_many(pictures)
    if len(activations) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures and {len(activations)} activations: each picture needs its own.")
    return activations, pictures.to(activations)


def fit_ridge(activations, pictures, penalty=1.0, noise_variance=0.0):
    """The straight line from activations to pixels with the least squared error.

    activations: shape (n, width). pictures: shape (n, 784), the attacker's own.
    penalty: how much large weights cost; above 0, it also keeps the system solvable.
    noise_variance: of noise that each activation will come with; for Laplace noise 2 · scale². On average
    it adds n times the variance to the diagonal, as endless noisy copies of the activations would.
    Returns weights, shape (width + 1, 784); the last row is the constant.
    Raises ValueError when n differs, the penalty is not above 0 or the variance below 0, and as
    check_pictures and check_activations do.
    Source: A. Hoerl, R. Kennard, Ridge Regression, Technometrics 1970; noise: C. Bishop, Training with
    Noise is Equivalent to Tikhonov Regularization, 1995.
    """
    activations, pictures = _own(activations, pictures)
    penalty = inputs.real("penalty", penalty, above=0)
    noise_variance = inputs.real("noise_variance", noise_variance, 0)
    gram = target = 0
    for some, theirs in zip(activations.split(AT_ONCE), pictures.split(AT_ONCE), strict=True):
        A = _with_constant(some)
        gram = gram + (A.T @ A).double()
        target = target + (A.T @ theirs).double()
    added = torch.full_like(gram[0], penalty + len(pictures) * noise_variance)
    added[-1] = penalty  # nobody adds noise to the constant
    return torch.linalg.solve(gram + added.diag(), target).float()


def redraw_ridge(weights, activations):
    """Pictures, shape (n, 784), that the line of fit_ridge draws for activations of shape (n, width)."""
    width = len(check_activations(weights)) - 1
    return (_with_constant(check_activations(activations, width).to(weights)) @ weights).clamp(-1, 1)


def _with_constant(activations):
    """Activations, shape (n, width), with a column of ones behind them: shape (n, width + 1)."""
    return torch.cat([activations, activations.new_ones(len(activations), 1)], dim=1)


def picture_prior(pictures):
    """Mean, shape (784,), and covariance, shape (784, 784), of an attacker's own pictures.

    A little variance (0.001) is added to every pixel, so that no pixel is thought impossible.
    Raises ValueError for fewer than two pictures, and as check_pictures does.
    """
    pictures = check_many(pictures)
    if len(pictures) < 2:
        raise ValueError("A covariance needs at least two pictures.")
    mean = mean_picture(pictures)
    squares = sum(((some - mean).T @ (some - mean)).double() for some in pictures.split(AT_ONCE))
    return mean, (squares / (len(pictures) - 1)).to(mean) + 1e-3 * torch.eye(784).to(mean)


def redraw_posterior(activations, layer, mean, covariance):
    """The most probable pictures, for an attacker who knows the client's weights.

    Each unit that is not silent says W x + b = activation exactly. Among the pictures that obey, this takes the
    posterior mean under a Gaussian prior.
    activations: shape (n, 500), after the ReLU. layer: the client's Linear(784, 500). mean, covariance: from
    picture_prior.
    Returns pictures, shape (n, 784). Raises as check_activations and check_layer do.
    Source: C. Bishop, Pattern Recognition and Machine Learning, 2006, section 2.3.3.
    """
    W, b = (some.detach() for some in check_layer(layer).parameters())
    activations = check_activations(activations, len(W)).to(W)
    mean, covariance = (floats(*some).to(W) for some in (("mean", mean), ("covariance", covariance)))
    if (*mean.shape, *covariance.shape) != (784, 784, 784):
        raise ValueError(
            f"mean and covariance must have shapes (784,) and (784, 784), as picture_prior gives them, "
            f"but {tuple(mean.shape)} and {tuple(covariance.shape)} were given."
        )
    W_covariance = W @ covariance
    between_units = W_covariance @ W.T
    surprise = activations - (W @ mean + b)  # what the prior did not expect
    redrawn = mean.repeat(len(activations), 1)

    def redraw(i):
        active = activations[i] > 0
        if active.any():
            noise = 1e-4 * torch.eye(int(active.sum()), device=W.device)  # or the system may have no solution
            step = torch.linalg.solve(between_units[active][:, active] + noise, surprise[i, active])
            redrawn[i] += W_covariance[active].T @ step

    _for_each(redraw, len(redrawn))
    return redrawn.clamp(-1, 1)


def _for_each(redraw, n):
    """Do ``redraw`` for the number of each of n pictures, on one of PyTorch's threads each.

    PyTorch's own threads wait for each other so often in small systems of equations that on a busy machine they take
    twenty times as long.
    """

    def redraw_some(places):
        torch.set_num_threads(1)
        with torch.no_grad():
            for i in places:
                redraw(i)

    threads = torch.get_num_threads()
    try:
        in_two_threads(redraw_some, range(n), "pictures redrawn")
    finally:
        torch.set_num_threads(threads)


@torch.no_grad()
def redraw_on_paper(activations, layer, mean, covariance):
    """The attacker of redraw_posterior, who also knows that a page is mostly blank.

    A pixel that comes out beyond 0.9, the best of a few such values on letters, is taken for paper (-1) or ink (1).
    The equations are solved again for the pixels that are left, and so three times. Few unknown pixels are left, so
    that few equations determine them.
    Arguments, result and errors are those of redraw_posterior.
    Source: D. Donoho, Compressed Sensing, IEEE Transactions on Information Theory, 2006 (the idea that few
    equations do; his way finds the blank pixels without letters).
    """
    redrawn = redraw_posterior(activations, layer, mean, covariance).double()
    W, b = (some.detach().double() for some in layer.parameters())
    # As in redraw_posterior, from the other side: one equation for each unknown pixel, not for each active unit.
    precision = torch.linalg.inv(covariance.to(W))
    pull, activations = precision @ mean.to(W), activations.to(W)

    def redraw(i):
        x, h = redrawn[i], activations[i]
        wa, facts = W[h > 0], (h - b)[h > 0]
        for _ in range(3):
            sure = x.abs() > 0.9
            x[sure] = x[sure].sign()
            A, left = wa[:, ~sure], facts - wa[:, sure] @ x[sure]
            of_unknown = precision[~sure]
            known = pull[~sure] - of_unknown[:, sure] @ x[sure] + A.T @ left / 1e-4
            x[~sure] = torch.linalg.solve(of_unknown[:, ~sure] + A.T @ A / 1e-4, known)

    _for_each(redraw, len(redrawn))
    return redrawn.clamp(-1, 1).to(layer.weight)


def with_noise(activations, scale):
    """Activations plus fresh Laplace noise of that scale, whose standard deviation is 1.41 times the scale.

    Drawn from torch's global generator. Raises ValueError for a scale that is not finite or below 0.
    """
    activations, scale = floats("Activations", activations), inputs.real("scale", scale, 0)
    if scale == 0:
        return activations
    # The difference of two exponential draws is Laplace, and quicker than torch.distributions.
    return activations + scale * (
        torch.empty_like(activations).exponential_() - torch.empty_like(activations).exponential_()
    )
