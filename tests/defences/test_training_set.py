"""DP-SGD, membership and prototypes."""

import pytest
import torch
from scipy.stats import kstest

from helpers import defences, inversion


def one_by_one(model, pictures, labels, clip):
    total = [torch.zeros_like(parameter) for parameter in model.parameters()]
    for picture, label in zip(pictures, labels, strict=True):
        loss = torch.nn.functional.cross_entropy(model(picture[None]), label[None])
        gradient = torch.autograd.grad(loss, list(model.parameters()))
        length = sum((part**2).sum() for part in gradient).sqrt()
        for so_far, part in zip(total, gradient, strict=True):
            so_far += part * min(1, clip / length)
    return total


@pytest.mark.parametrize("clip", [0.1, 3.0, 1e6])
def test_clipped_gradients_are_those_of_a_loop(small, clip):
    expected = one_by_one(small.model, small.digits_x[:20], small.digits_y[:20], clip)
    found = defences.clipped_gradients(small.model, small.digits_x[:20], small.digits_y[:20], clip)
    for a, b in zip(found, expected, strict=True):
        assert torch.allclose(a, b, rtol=1e-3, atol=1e-5)


def test_one_picture_changes_the_sum_by_at_most_the_clip(small):
    with_it = defences.clipped_gradients(small.model, small.digits_x[:9], small.digits_y[:9], 0.01)
    without = defences.clipped_gradients(small.model, small.digits_x[:8], small.digits_y[:8], 0.01)
    change = sum(((a - b) ** 2).sum() for a, b in zip(with_it, without, strict=True)).sqrt()
    assert change <= 0.01 * 1.001


def test_an_empty_batch_has_no_gradient_and_a_bad_clip_is_refused(small):
    empty = defences.clipped_gradients(small.model, small.digits_x[:0], small.digits_y[:0], 1)
    assert all((part == 0).all() for part in empty) and len(empty) == 6
    with pytest.raises(ValueError, match="clip must be a finite number above 0"):
        defences.clipped_gradients(small.model, small.digits_x[:2], small.digits_y[:2], 0)


class Crossed(torch.nn.Module):
    """Uses its layers in another order than they are listed, or one of them twice."""

    def __init__(self, twice):
        super().__init__()
        self.twice, self.last, self.first = twice, torch.nn.Linear(784, 10), torch.nn.Linear(784, 784)

    def forward(self, pictures):
        return self.last(self.first(self.first(pictures) if self.twice else pictures))


@pytest.mark.parametrize("twice", [True, False])
def test_layers_that_are_not_used_once_in_their_order_are_refused(small, twice):
    with pytest.raises(ValueError, match="use each layer once, in the order"):
        defences.clipped_gradients(Crossed(twice), small.digits_x[:2], small.digits_y[:2], 1)


def test_weights_outside_of_dense_layers_are_refused(small):
    nn = torch.nn
    convolution = nn.Sequential(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 2, 28), nn.Flatten(), nn.Linear(2, 10))
    for model in (convolution, nn.Linear(784, 10, bias=False), nn.ReLU()):
        with pytest.raises(ValueError, match="those of nn.Linear layers with constants"):
            defences.clipped_gradients(model, small.digits_x[:2], small.digits_y[:2], 1)


def test_a_step_adds_noise_of_the_stated_size(small):
    torch.manual_seed(0)
    model = inversion.SplitNN()
    before = [parameter.detach().clone() for parameter in model.parameters()]
    options = {"noise_multiplier": 2.0, "rate": 1e-9, "steps": 1, "clip": 0.5, "learning_rate": 1e-9}
    defences.train_dp_sgd(model, small.digits_x[:100], small.digits_y[:100], **options)
    # With that rate the batch is empty, and its expected size is 1e-7.
    moved = (model.first_part[0].weight - before[0]).flatten()[:20_000].detach().numpy()
    assert kstest(moved, "norm", args=(0, 1e-9 * 2.0 * 0.5 / 1e-7)).pvalue > 1e-4


def test_dp_sgd_learns(small):
    torch.manual_seed(0)
    model = inversion.SplitNN()
    defences.train_dp_sgd(model, small.digits_x, small.digits_y, 0.5, 0.1, 60)
    assert inversion.accuracy(model, small.test_x, small.test_y) > 0.6
    with pytest.raises(ValueError, match="rate must be a finite number above 0"):
        defences.train_dp_sgd(model, small.digits_x, small.digits_y, rate=0)


class Remembers(torch.nn.Module):
    """Sure of the digits it knows, of others less so."""

    def __init__(self, known):
        super().__init__()
        self.known = known

    def forward(self, pictures):
        sure = 5.0 * (pictures[:, :1] == self.known).float()
        return torch.cat([sure, torch.zeros(len(pictures), 9)], dim=1)


def test_membership_is_found_in_networks_that_remember_and_not_in_others():
    pools = [(torch.full((20, 784), i / 4), torch.zeros(20, dtype=torch.long)) for i in range(3)]
    remembering = [Remembers(i / 4) for i in range(3)]
    forgetting = [Remembers(9.0)] * 3
    for compared in (False, True):
        assert defences.membership(remembering, pools, compared) == (1, 1)
        assert defences.membership(forgetting, pools, compared) == (0.5, 0)
    assert defences.membership(remembering[1:] + remembering[:1], pools)[0] == 0.25  # wrong more often than a coin
    # Half of the strangers may be accused: the one of two that looks like a member, and no member.
    assert defences.membership(remembering[1:] + remembering[:1], pools, false_alarms=0.5)[1] == 0
    assert defences.membership(forgetting, pools, false_alarms=1)[1] == 1
    with pytest.raises(ValueError, match="Needed are 2 pools"):
        defences.membership(remembering[:1], pools[:1])
    with pytest.raises(ValueError, match="Needed are 3 pools"):
        defences.membership(remembering[:2], pools[:2], compared=True)


def test_a_network_whose_training_failed_is_refused():
    pools = [(torch.full((20, 784), i / 4), torch.zeros(20, dtype=torch.long)) for i in range(3)]
    broken = Remembers(torch.nan)
    broken.forward = lambda pictures: torch.full((len(pictures), 10), torch.nan)
    with pytest.raises(ValueError, match="Answers must be finite"):
        defences.membership([broken] * 3, pools)


def test_prototypes_are_what_the_network_is_sure_of(small):
    prototypes = defences.class_prototypes(small.model)
    assert prototypes.shape == (10, 784) and prototypes.abs().max() <= 1
    assert small.model(prototypes).softmax(dim=1).diag().min() > 0.9
