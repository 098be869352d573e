"""The split network and its training."""

import copy

import pytest
import torch
from small_network import stop_after
from torch import nn

from helpers import inversion
from helpers.inversion import data


def test_the_parts_have_the_shapes_of_the_lecture():
    model = inversion.SplitNN()
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    assert shapes == [(500, 784), (500,), (500, 500), (500,), (10, 500), (10,)]
    assert isinstance(model.second_part[-1], nn.Linear)  # logits: no softmax at the end


def test_the_convolutional_network_has_the_shapes_of_the_paper():
    model = inversion.ConvSplitNN()
    shapes = [tuple(parameter.shape) for parameter in model.parameters()]
    first = [(32, 1, 3, 3), (32,), (64, 32, 3, 3), (64,), (500, 9216), (500,)]
    assert shapes == [*first, (128, 500), (128,), (10, 128), (10,)]
    assert isinstance(model.first_part[-1], nn.Tanh) and isinstance(model.second_part[-1], nn.Linear)


def test_the_convolutional_network_learns_sends_and_is_cut_where_it_says(small):
    torch.manual_seed(0)
    model, pictures = inversion.ConvSplitNN(), small.test_x[:100]  # two batches, the second not whole
    inversion.train_classifier(model, small.digits_x[:600], small.digits_y[:600], epochs=2)
    assert inversion.accuracy(model, small.test_x, small.test_y) > 0.6
    with torch.no_grad():
        sums = model.first_part[:-1](pictures)
        second = model.second_part[:2](sums.tanh())
        logits = model(pictures)
    expected = dict(zip(model.cuts, (sums, sums.tanh(), second, logits, logits.softmax(1)), strict=True))
    for cut, numbers in expected.items():
        assert torch.allclose(model.sent(pictures, cut), numbers, atol=1e-4)
    assert torch.equal(model.sent(pictures), model.sent(pictures, "tanh")) and model.sent(pictures).abs().max() <= 1
    assert model.sent(pictures.double()).dtype == torch.float32 and not model.sent(pictures).requires_grad
    with pytest.raises(ValueError, match="one of 'before the tanh', 'tanh'.*'first ReLU'"):
        model.sent(pictures, "first ReLU")


def test_undoing_the_tanh_helps_the_line(small):
    torch.manual_seed(0)
    model = inversion.ConvSplitNN()
    inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=2)
    own, sent = model.sent(small.letters_x), model.sent(small.test_x)
    errors = []
    for undo in (lambda a: a, lambda a: a.clamp(-1 + 1e-7, 1 - 1e-7).atanh()):
        line = inversion.fit_ridge(undo(own), small.letters_x)
        errors.append(inversion.mse(small.test_x, inversion.redraw_ridge(line, undo(sent))).mean())
    assert errors[1] < 0.75 * errors[0]


@pytest.mark.parametrize("cut", inversion.CUTS)
def test_every_cut_sends_what_the_network_computes(small, cut):
    with torch.no_grad():
        sums = small.test_x @ small.model.first_part[0].weight.T + small.model.first_part[0].bias
        second = small.model.second_part[:2](sums.clamp(min=0))
        logits = small.model(small.test_x)
    expected = dict(zip(inversion.CUTS, (sums, sums.clamp(min=0), second, logits, logits.softmax(1)), strict=True))[cut]
    assert torch.allclose(small.model.sent(small.test_x, cut), expected, atol=1e-5)


def test_a_cut_that_does_not_exist_is_named_with_those_that_do(small):
    with pytest.raises(ValueError, match="one of 'before the ReLU', 'first ReLU'.*'third ReLU'"):
        small.model.sent(small.test_x, cut="third ReLU")


NAN = torch.full((2, 784), float("nan"))
WRONG_PICTURES = [
    ([0.0] * 784, TypeError, "list"),
    (torch.zeros(2, 784, dtype=torch.uint8), TypeError, "uint8.*data.scale"),
    (torch.zeros(784), ValueError, r"\(784,\).*picture\[None\]"),
    (torch.zeros(2, 28, 28), ValueError, r"\(2, 28, 28\)"),
    (torch.zeros(0, 784), ValueError, "at least 1"),
    (torch.full((2, 784), 255.0), ValueError, "255"),
    (NAN, ValueError, "NaN"),
]


@pytest.mark.parametrize(("pictures", "error", "says"), WRONG_PICTURES)
def test_wrong_pictures_are_named(small, pictures, error, says):
    conv = inversion.ConvSplitNN()
    for use in (small.model, small.model.sent, conv, conv.sent):
        with pytest.raises(error, match=says):
            use(pictures)


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


def test_a_stopped_classifier_can_be_used_and_trained_on(small, monkeypatch, capsys):
    model = inversion.SplitNN()
    with monkeypatch.context() as patch:
        stop_after(patch, "cross_entropy", 40)
        losses = inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=5)
    assert len(losses) == 1 and "Stopped after 1 of 5 epochs" in capsys.readouterr().out
    assert model(small.test_x).isfinite().all()
    assert len(inversion.train_classifier(model, small.digits_x, small.digits_y, epochs=1)) == 1


@pytest.fixture(scope="module", params=[inversion.SplitNN, inversion.ConvSplitNN])
def client(request):
    torch.manual_seed(0)
    return request.param()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_bytes_are_classified_and_sent_as_floats_are(client, dtype, monkeypatch):
    part, client = data.digits().test, copy.deepcopy(client).to(dtype)
    monkeypatch.setattr(type(client), "at_once", 48)  # several parts, and a last one that is smaller
    held, labels = part.pictures(100)
    floats, _ = part.tensors(100)
    assert torch.equal(client(held), client(floats))
    for cut in client.cuts:
        assert torch.equal(client.sent(held, cut), client.sent(floats, cut))
    assert client.sent(held).dtype == dtype
    assert inversion.accuracy(client, held, labels) == inversion.accuracy(client, floats, labels)
    right = (client(floats).argmax(dim=1) == labels).sum()
    assert inversion.accuracy(client, floats, labels) == pytest.approx(right.item() / 100)


def test_training_on_bytes_gives_the_network_of_floats(client):
    part, trained = data.digits().client, []
    for pictures, labels in (part.pictures(200), part.tensors(200)):
        trained.append(copy.deepcopy(client))
        inversion.train_classifier(trained[-1], pictures, labels, epochs=1)
    assert all(torch.equal(*pair) for pair in zip(*(some.parameters() for some in trained), strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_it_trains_and_attacks_on_a_gpu(small):
    model = inversion.SplitNN().cuda()
    letters = small.letters_x.cuda()
    inversion.train_classifier(model, small.digits_x.cuda(), small.digits_y.cuda(), epochs=1)
    for train in (inversion.lecture_attacker, inversion.quick_attacker):
        redrawn = train(model.sent(letters), letters).redraw(model.sent(small.test_x.cuda()))
        assert redrawn.is_cuda and redrawn.isfinite().all()
