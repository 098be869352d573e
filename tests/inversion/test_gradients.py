"""What the gradient of a batch gives away, and what it does not."""

import pytest
import torch

from helpers import inversion
from helpers.inversion import gradients


def first_layer_gradient(client, pictures, labels):  # as in notebook 3
    loss = torch.nn.functional.cross_entropy(client(pictures), labels)
    return torch.autograd.grad(loss, list(client.first_part[0].parameters()))


def untrained(seed=0):
    torch.manual_seed(seed)
    return inversion.SplitNN()


def found_and_false(batch, stolen):
    """How many pictures of the batch came back, each pixel as it was, and how many are nobody's."""
    same = (batch[:, None] - stolen[None]).abs().amax(dim=2) == 0
    return int(same.any(dim=1).sum()), int((~same.any(dim=0)).sum())


def test_one_pictures_gradient_is_the_picture(small):
    gradients = first_layer_gradient(small.model, small.test_x[:1], small.test_y[:1])
    assert torch.equal(inversion.pictures_from_gradient(*gradients), small.test_x[:1])


@pytest.mark.parametrize("double", [False, True])
def test_small_batches_come_back_without_false_pictures(small, double):
    model, batch = untrained(), small.test_x[:8]
    model, batch = (model.double(), batch.double()) if double else (model, batch)
    stolen = inversion.pictures_from_gradient(*first_layer_gradient(model, batch, small.test_y[:8]))
    found, false = found_and_false(batch, stolen)
    assert found >= 5 and false == 0 and stolen.dtype == batch.dtype


def test_a_mixture_is_no_picture(small):
    mixture = 0.7 * small.test_x[:1] + 0.3 * small.test_x[1:2]
    rows = torch.cat([2 * small.test_x[2:3], mixture, 0 * mixture])
    assert torch.equal(inversion.pictures_from_gradient(rows, torch.tensor([2.0, 1.0, 0.0])), small.test_x[2:3])


@pytest.mark.parametrize("seed", range(4))
def test_taking_pictures_out_gives_the_batch_of_an_untrained_network(small, seed):
    model, some = untrained(seed), slice(32 * seed, 32 * seed + 32)
    batch, gradient = small.test_x[some], first_layer_gradient(model, small.test_x[some], small.test_y[some])
    at_once, _ = found_and_false(batch, inversion.pictures_from_gradient(*gradient))
    found, false = found_and_false(batch, inversion.peel(*gradient, model.first_part[0]))
    assert found >= 28 and at_once <= 24 and false == 0


def test_taking_pictures_out_helps_in_a_trained_network_too(small):
    at_once = found = false = 0
    for first in range(0, 64, 16):
        batch, labels = small.test_x[first:][:16], small.test_y[first:][:16]
        gradient = first_layer_gradient(small.model, batch, labels)
        at_once += found_and_false(batch, inversion.pictures_from_gradient(*gradient))[0]
        right, wrong = found_and_false(batch, inversion.peel(*gradient, small.model.first_part[0]))
        found, false = found + right, false + wrong
    assert found > 1.5 * at_once and false <= 1


def test_taking_one_picture_out_leaves_the_gradient_of_the_others(small):
    model, batch, labels = untrained().double(), small.test_x[:4].double(), small.test_y[:4]
    whole = first_layer_gradient(model, batch, labels)
    rest = first_layer_gradient(model, batch[1:], labels[1:])  # a mean, too, but over three
    rows, expected = (torch.cat([weight, bias[:, None]], dim=1) for weight, bias in (whole, rest))
    picture, silent = torch.cat([batch[0], batch.new_ones(1)]), model.first_part[0](batch[0]) <= 0
    assert torch.allclose(gradients._take_out(rows, picture, silent, 1e-12), 0.75 * expected, atol=1e-12)


def test_a_picture_that_the_others_can_mix_is_left_in():
    rows = torch.eye(3, dtype=torch.float64)
    assert torch.equal(gradients._take_out(rows, rows[0] + rows[1], torch.tensor([True, True, False]), 0), rows)


def test_a_picture_that_is_in_the_batch_twice_is_found_once(small):
    model, twice = untrained(), [0, 0, 1, 2]
    gradient = first_layer_gradient(model, small.test_x[twice], small.test_y[twice])
    stolen = inversion.peel(*gradient, model.first_part[0])
    assert len(stolen) == 3 and found_and_false(small.test_x[:3], stolen) == (3, 0)


def test_a_gradient_of_zeros_gives_no_picture():
    assert inversion.pictures_from_gradient(torch.zeros(5, 784), torch.zeros(5)).shape == (0, 784)
    assert inversion.peel(torch.zeros(5, 784), torch.zeros(5), torch.nn.Linear(784, 5)).shape == (0, 784)


def test_gradients_that_do_not_fit_are_named():
    weight, bias, layer = torch.zeros(500, 784), torch.zeros(500), torch.nn.Linear(784, 500)
    for read in (inversion.pictures_from_gradient, lambda *given: inversion.peel(*given, layer)):
        with pytest.raises(ValueError, match=r"\(500, 784\) and \(3,\)"):
            read(weight, torch.zeros(3))
        with pytest.raises(ValueError, match="weight gradient must be finite"):
            read(weight * torch.nan, bias)
        with pytest.raises(ValueError, match="bias gradient must be finite"):
            read(weight, bias + torch.inf)
    with pytest.raises(ValueError, match=r"has \(500, 784\), but the gradient \(5, 784\)"):
        inversion.peel(weight[:5], bias[:5], layer)
    with pytest.raises(ValueError, match="at least 0"):
        inversion.pictures_from_gradient(weight, bias, tolerance=-1)
    with pytest.raises(TypeError, match="layer must be a Linear"):
        inversion.peel(weight, bias, inversion.SplitNN())
