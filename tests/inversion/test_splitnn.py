"""The split network, its training and the lecture's attacker."""

import pytest
import torch
from torch import nn

from helpers import inversion


def test_the_parts_have_the_shapes_of_the_lecture():
    model = inversion.SplitNN()
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    assert shapes == [(500, 784), (500,), (500, 500), (500,), (10, 500), (10,)]
    assert isinstance(model.second_part[-1], nn.Linear)  # logits: no softmax at the end


@pytest.mark.parametrize("cut", inversion.CUTS)
def test_every_cut_sends_what_the_network_computes(small, cut):
    with torch.no_grad():
        sums = small.test_x @ small.model.first_part[0].weight.T + small.model.first_part[0].bias
        second = small.model.second_part[:2](sums.clamp(min=0))
        logits = small.model(small.test_x)
    expected = dict(zip(inversion.CUTS, (sums, sums.clamp(min=0), second, logits, logits.softmax(1)), strict=True))[cut]
    assert torch.allclose(small.model.sent(small.test_x, cut), expected, atol=1e-5)


def test_a_cut_that_does_not_exist_is_named_with_those_that_do(small):
    with pytest.raises(ValueError, match="'third ReLU'.*'before the ReLU', 'first ReLU'"):
        small.model.sent(small.test_x, cut="third ReLU")


NAN = torch.full((2, 784), float("nan"))
WRONG_PICTURES = [
    ([0.0] * 784, TypeError, "list"),
    (torch.zeros(2, 784, dtype=torch.uint8), TypeError, "uint8.*data.scale"),
    (torch.zeros(784), ValueError, r"\(784,\).*picture\[None\]"),
    (torch.zeros(2, 28, 28), ValueError, r"\(2, 28, 28\)"),
    (torch.zeros(0, 784), ValueError, "at least 1"),
    (torch.full((2, 784), 255.0), ValueError, "255"),
    (NAN, ValueError, "nan"),
]


@pytest.mark.parametrize(("pictures", "error", "says"), WRONG_PICTURES)
def test_wrong_pictures_are_named(small, pictures, error, says):
    for use in (small.model, small.model.sent):
        with pytest.raises(error, match=says):
            use(pictures)


@pytest.mark.parametrize(
    ("activations", "error", "says"),
    [
        (torch.zeros(2, 10), ValueError, r"\(n, 500\).*\(2, 10\)"),
        (torch.zeros(0, 500), ValueError, "at least 1"),
        (torch.zeros(500), ValueError, r"\(500,\)"),
        (torch.full((1, 500), float("inf")), ValueError, "infinite"),
        (torch.zeros(2, 500, dtype=torch.int64), TypeError, "int64"),
    ],
)
def test_wrong_activations_are_named(activations, error, says):
    with pytest.raises(error, match=says):
        inversion.Attacker()(activations)


def test_training_learns_and_returns_its_losses(small):
    torch.manual_seed(0)
    model = inversion.SplitNN()
    losses = inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=3)
    assert len(losses) == 3 and losses[2] < losses[0]
    assert inversion.accuracy(model, small.test_x, small.test_y) > 0.75 > 0.25 > small.test_y.bincount().max() / 300


def test_training_twice_gives_the_same_network(small):
    weights = []
    for _ in range(2):
        torch.manual_seed(0)
        model = inversion.SplitNN()
        torch.manual_seed(99)  # training must not depend on what ran before it
        inversion.train_classifier(model, small.digits_x[:200], small.digits_y[:200], epochs=1)
        weights.append(model.first_part[0].weight)
        torch.manual_seed(5)
    assert torch.equal(*weights)


def test_labels_of_another_number_are_named(small):
    with pytest.raises(ValueError, match=r"1500 pictures.*\(3,\)"):
        inversion.train_classifier(inversion.SplitNN(), small.digits_x, small.digits_y[:3])


def stop_after(monkeypatch, name, calls):
    """Press the stop button at the given call of a loss function."""
    real, count = getattr(nn.functional, name), iter(range(1, 10_000))

    def loss(*args):
        if next(count) == calls:
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(nn.functional, name, loss)


def test_a_stopped_classifier_can_be_used_and_trained_on(small, monkeypatch, capsys):
    model = inversion.SplitNN()
    with monkeypatch.context() as patch:
        stop_after(patch, "cross_entropy", 40)
        losses = inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=5)
    assert len(losses) == 1 and "Stopped after 1 of 5 epochs" in capsys.readouterr().out
    assert model(small.test_x).isfinite().all()
    assert len(inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=1)) == 1


def test_a_stopped_attacker_keeps_its_checkpoints(small, monkeypatch, capsys):
    attacker, sent = inversion.Attacker(), small.model.sent(small.letters_x)
    with monkeypatch.context() as patch:
        stop_after(patch, "mse_loss", 21)
        taken = inversion.train_attacker(attacker, sent, small.letters_x, sent[:2], checkpoints=[1, 10, 40])
    assert [point.step for point in taken] == [0, 1, 10, 20]
    assert "Stopped after 20 steps" in capsys.readouterr().out
    more = inversion.train_attacker(attacker, sent, small.letters_x, sent[:2])
    assert more[-1].loss < taken[-1].loss


def test_checkpoints_start_at_zero_end_at_the_end_and_improve(small):
    sent = small.model.sent(small.letters_x)
    watch = small.model.sent(small.test_x)
    taken = inversion.train_attacker(inversion.Attacker(), sent, small.letters_x, watch, checkpoints=[5, 20])
    assert [point.step for point in taken] == [0, 5, 20, 47] and taken[0].loss is None
    errors = [((point.redrawn - small.test_x) ** 2).mean() for point in taken]
    assert errors == sorted(errors, reverse=True)
    assert taken[-1].redrawn.abs().max() <= 1 and not taken[-1].redrawn.requires_grad


def test_pictures_and_activations_must_be_as_many(small):
    sent = small.model.sent(small.letters_x)
    with pytest.raises(ValueError, match="3000 pictures and 10 activations"):
        inversion.train_attacker(inversion.Attacker(), sent[:10], small.letters_x, sent[:1])


def test_the_lecture_attacker_beats_the_guess_and_fits_its_cut(small):
    sent = small.model.sent(small.letters_x, "logits")
    attacker = inversion.lecture_attacker(sent, small.letters_x)
    assert attacker.width == 10
    with pytest.raises(ValueError, match="Every attacker fits one cut"):
        attacker.redraw(small.model.sent(small.test_x))


def test_the_quick_attacker_does_better_in_fewer_steps_and_learns_on(small):
    sent, messages = small.model.sent(small.letters_x), small.model.sent(small.test_x)
    errors = [
        ((attacker.redraw(messages) - small.test_x) ** 2).mean()
        for attacker in (
            inversion.lecture_attacker(sent, small.letters_x),
            inversion.quick_attacker(sent, small.letters_x),
            inversion.quick_attacker(sent, small.letters_x, epochs=3),
        )
    ]
    assert errors[0] > 1.3 * errors[1] > 1.3 * errors[2]


def test_the_quick_attacker_starts_at_the_mean_and_takes_activations_as_they_are_sent(small):
    sent = small.model.sent(small.letters_x)
    start = inversion.quick_attacker(sent, small.letters_x, epochs=0, seed=7)
    torch.manual_seed(7)
    plain = inversion.Attacker()
    with torch.no_grad():
        centred = plain.layers[0](sent - sent.mean(dim=0))
        assert torch.allclose(start.layers[0](sent), centred, atol=1e-4)
        assert torch.allclose(start.layers[2].bias, small.letters_x.mean(dim=0))


@pytest.mark.parametrize("train", [inversion.lecture_attacker, inversion.quick_attacker])
def test_both_attackers_name_wrong_activations(small, train):
    with pytest.raises(TypeError, match="float tensor, but list"):
        train([[0.0] * 500], small.letters_x)
    with pytest.raises(ValueError, match=r"\(n, width\).*\(500,\)"):
        train(torch.zeros(500), small.letters_x)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_it_trains_and_attacks_on_a_gpu(small):
    model = inversion.SplitNN().cuda()
    letters = small.letters_x.cuda()
    inversion.train_classifier(model, small.digits_x.cuda(), small.digits_y.cuda(), epochs=1)
    for train in (inversion.lecture_attacker, inversion.quick_attacker):
        redrawn = train(model.sent(letters), letters).redraw(model.sent(small.test_x.cuda()))
        assert redrawn.is_cuda and redrawn.isfinite().all()
