"""The accountant of DP-SGD."""

import math

import misuse
import numpy as np
import pytest
import torch

from helpers import accountant


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "published"),
    [
        (4.0, 0.01, 10_000, 1.26),  # M. Abadi et al., CCS 2016, section 3.2
        (1.3, 256 / 60_000, 20 * 60_000 // 256, 1.34),  # Z. Bu, J. Dong, Q. Long, W. Su, 2020, figure 4
        (0.7, 256 / 60_000, 70 * 60_000 // 256, 8.68),  # the same
    ],
)
def test_the_accountant_agrees_with_published_values(noise, rate, steps, published):
    # All three are for delta 1e-5 and with the conversion of the time, which is a little larger than ours.
    # Whole orders only: up to 4 % above what finer orders give, and never below.
    orders = range(2, 257)
    then = min(steps * accountant.renyi_divergence(noise, rate, a) + math.log(1e5) / (a - 1) for a in orders)
    assert 0.99 * published < then < 1.04 * published
    assert 0.75 * published < accountant.dp_sgd_epsilon(noise, rate, steps, 1e-5) < published


@pytest.mark.parametrize(
    ("noise", "rate", "steps", "delta", "opacus"),
    [  # opacus 1.6.0, RDPAccountant with its default orders, which are not only whole numbers
        (4.0, 0.01, 10_000, 1e-5, 1.03549),
        (1.0, 0.1, 150, 1e-4, 8.3281),
        (2.0, 0.1, 150, 1e-4, 2.7396),
        (1.5, 0.2, 100, 1e-3, 6.1590),
        (1.1, 1.0, 10, 1e-5, 16.8567),
    ],
)
def test_the_accountant_agrees_with_opacus_and_errs_on_the_safe_side(noise, rate, steps, delta, opacus):
    assert opacus - 1e-4 <= accountant.dp_sgd_epsilon(noise, rate, steps, delta) < 1.03 * opacus


def test_more_noise_and_fewer_steps_cost_less():
    cost = accountant.dp_sgd_epsilon(1.0, 0.1, 100, 1e-5)
    assert accountant.dp_sgd_epsilon(2.0, 0.1, 100, 1e-5) < cost < accountant.dp_sgd_epsilon(1.0, 0.1, 200, 1e-5)
    assert accountant.dp_sgd_epsilon(1.0, 0.05, 100, 1e-5) < cost < accountant.dp_sgd_epsilon(1.0, 0.1, 100, 1e-9)
    for bad in ((0, 0.1, 1, 1e-5), (1, 0, 1, 1e-5), (1, 1.1, 1, 1e-5), (1, 0.1, 0, 1e-5), (1, 0.1, 1, 0)):
        with pytest.raises(ValueError, match="must be a (finite|whole) number|strictly between"):
            accountant.dp_sgd_epsilon(*bad)


@pytest.mark.parametrize("two", [2, 2.0, np.int64(2), np.float32(2), np.array(2), torch.tensor(2.0)])
def test_numbers_in_every_form(two):
    assert accountant.dp_sgd_epsilon(two, 0.1, 10 * two, 1e-5) == accountant.dp_sgd_epsilon(2, 0.1, 20, 1e-5)


def test_extreme_settings_are_no_raw_errors():
    assert accountant.dp_sgd_epsilon(1e-9, 1.0, 1, 1e-5) > 1e17 and accountant.dp_sgd_epsilon(1e9, 0.5, 1, 0.5) == 0
    for extreme in (1e-200, 1e200, np.inf):
        with pytest.raises(ValueError, match="noise_multiplier must be a finite number at least 1e-09"):
            accountant.dp_sgd_epsilon(extreme, 0.1, 1, 1e-5)


def drawn(batch):
    return [torch.tensor([float(len(batch)), 0.0])]


def test_a_sum_gets_the_noise_of_its_settings_from_batches_of_the_rate():
    settings = {"n": 200, "rate": 0.25, "clip": 2.0, "seed": 1}
    quiet = [sums[0] for sums in accountant.noisy_sums(drawn, noise_multiplier=0, steps=300, **settings)]
    sizes = torch.stack(quiet)[:, 0]
    assert abs(sizes.mean() - 50) < 2 and 4 < sizes.std() < 8  # binomial: 50 and 6.1
    noisy = [sums[0] for sums in accountant.noisy_sums(drawn, noise_multiplier=1.5, steps=2000, **settings)]
    assert abs(torch.stack(noisy)[:, 1].std() - 3) < 0.2
    again = [sums[0] for sums in accountant.noisy_sums(drawn, noise_multiplier=1.5, steps=2, **settings)]
    assert all(map(torch.equal, again, noisy))


CALLS = [
    (
        accountant.noisy_sums,
        {"clipped_sum": drawn, "n": 9, "noise_multiplier": 1.0, "rate": 0.1, "steps": 5, "clip": 1.0, "seed": 0},
    ),
    (accountant.renyi_divergence, {"noise_multiplier": 1.0, "rate": 0.1, "order": 2}),
    (accountant.dp_sgd_epsilon, {"noise_multiplier": 1.0, "rate": 0.1, "steps": 5, "delta": 1e-5}),
]


@pytest.mark.parametrize(("function", "good"), CALLS)
def test_bad_input_gets_a_sentence(function, good):
    assert {call[0] for call in CALLS} == misuse.public(accountant)
    assert not list(misuse.faults(function, good, {"noise_multiplier": ["a fraction"], "clip": ["a fraction"]}))
