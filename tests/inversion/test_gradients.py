"""What the gradient of a batch gives away, and what it does not."""

import pytest
import torch

from helpers import inversion


def first_layer_gradient(client, pictures, labels):  # as in notebook 3
    loss = torch.nn.functional.cross_entropy(client(pictures), labels)
    return torch.autograd.grad(loss, list(client.first_part[0].parameters()))


def test_one_pictures_gradient_is_the_picture(small):
    gradients = first_layer_gradient(small.model, small.test_x[:1], small.test_y[:1])
    found = inversion.pictures_from_gradient(*gradients, tolerance=1e-4)
    assert any((picture - small.test_x[0]).abs().max() < 1e-4 for picture in found)


def test_small_batches_come_back_without_false_pictures(small):
    torch.manual_seed(0)
    model = inversion.SplitNN().double()
    batch = small.test_x[:8].double()
    gradients = first_layer_gradient(model, batch, small.test_y[:8])
    found = inversion.pictures_from_gradient(*gradients, tolerance=1e-9)
    nearest = torch.cdist(found, batch, p=float("inf")).min(dim=1)
    assert len(found) >= 5 and nearest.values.max() < 1e-6 and len(set(nearest.indices.tolist())) == len(found)


def test_a_gradient_of_zeros_gives_no_picture():
    assert inversion.pictures_from_gradient(torch.zeros(5, 784), torch.zeros(5)).shape == (0, 784)


def test_gradients_of_other_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(500, 784\) and \(3,\)"):
        inversion.pictures_from_gradient(torch.zeros(500, 784), torch.zeros(3))
