"""DP-SGD: the noisy sums by which it learns, and its accountant, which says what they cost in privacy."""

import math

from . import inputs
from .progress import bar


def noisy_sums(clipped_sum, n, noise_multiplier, rate, steps, clip, seed):
    """What DP-SGD learns from in each of ``steps``: the clipped gradients of a random batch, added up, with noise.

    clipped_sum: function from a batch's places, a tensor, to the sum of its examples' gradients, each cut down to a
    length of at most ``clip``: a list of tensors. n: training examples; each is drawn into each batch with the chance
    ``rate``. noise_multiplier: the noise's standard deviation, in units of ``clip``. seed: of batches and noise.
    Returns a generator of such lists, with Gaussian noise. Divide them by rate · n, the expected size of a batch: the
    true size would tell about the training set. Raises TypeError or ValueError for numbers out of range.
    Source: M. Abadi et al., Deep Learning with Differential Privacy, CCS 2016.
    """
    import torch

    if not callable(clipped_sum):
        raise TypeError(f"clipped_sum must be a function, but {inputs.described(clipped_sum)} was given.")
    noise_multiplier, steps = inputs.real("noise_multiplier", noise_multiplier, 0), inputs.whole("steps", steps, 0)
    clip, rate = inputs.real("clip", clip, above=0), inputs.real("rate", rate, most=1, above=0)
    n, random = inputs.whole("n", n, 1), torch.Generator().manual_seed(inputs.whole("seed", seed, 0))

    def noisy_sum():
        gradients = clipped_sum((torch.rand(n, generator=random) < rate).nonzero()[:, 0])
        spread = noise_multiplier * clip
        return [some + spread * torch.randn(some.shape, generator=random).to(some.device) for some in gradients]

    return (noisy_sum() for _ in bar(range(steps), "noisy steps taken"))


def renyi_divergence(noise_multiplier, rate, order):
    """What one step of DP-SGD costs, as a Rényi divergence of that order (an integer of at least 2).

    noise_multiplier: from 1e-9 to 1e9. rate: above 0, at most 1. Raises TypeError or ValueError for anything else.
    Source: I. Mironov, K. Talwar, L. Zhang, 2019, arXiv 1908.10530, equation for integer orders.
    """
    noise_multiplier = inputs.real("noise_multiplier", noise_multiplier, 1e-9, 1e9)
    rate, order = inputs.real("rate", rate, most=1, above=0), inputs.whole("order", order, 2)
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
    """The epsilon of DP-SGD with these settings, for that delta: one more or one fewer training example.

    steps: at least 1. delta: above 0, below 1. The others, and errors, are as in renyi_divergence. Assumes random
    batches, into which each example is drawn with the chance ``rate``.
    Source: as renyi_divergence; conversion by B. Balle et al., AISTATS 2020, theorem 21.
    """
    steps, delta = inputs.whole("steps", steps, 1), inputs.chance("delta", delta)
    costs = (
        steps * renyi_divergence(noise_multiplier, rate, order)
        + math.log1p(-1 / order)
        - (math.log(delta) + math.log(order)) / (order - 1)
        for order in range(2, 257)
    )
    return max(0.0, min(costs))
