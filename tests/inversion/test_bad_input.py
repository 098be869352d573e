"""Every public function of lesson 3, with each argument replaced by something bad: a sentence, or a right result."""

import functools
import inspect

import misuse
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from helpers import inversion
from helpers.inversion import attackers, data, figures, gradients, pad, photo, scores, splitnn

WORDS = {"title": "anything"}  # whatever prints


@functools.wraps(splitnn.learn)
def learned(**given):
    """learn yields: it says what is wrong when it is asked for the first batch."""
    return list(splitnn.learn(**given))


@pytest.fixture(scope="module")
def calls(small, tmp_path_factory):
    """(function, good arguments, what it rightly takes)."""
    x, y = small.test_x[:12], small.test_y[:12]
    own, sent, model = small.letters_x[:12], small.model.sent(small.letters_x[:12]), small.model
    prior = inversion.picture_prior(own)
    reader = inversion.fit_reader(small.digits_x[:60], small.digits_y[:60])
    taken = [inversion.Checkpoint(step, None, x) for step in (0, 3)]
    samples = torch.stack([small.test_x[small.test_y == digit][0] for digit in range(10)])
    number = {"penalty": ["a fraction"], "noise_variance": ["a fraction"]}
    none = ["an empty list"]
    scan = tmp_path_factory.mktemp("scan") / "digit.png"
    Image.fromarray(255 - data.digits().test.pixels[0]).save(scan)
    return [
        (splitnn.check_pictures, {"pictures": x}, {}),
        (splitnn.check_many, {"pictures": x}, {}),
        (splitnn.mean_picture, {"pictures": x}, {}),
        (
            splitnn.check_activations,
            {"given": sent, "width": 500, "name": "They", "hint": ""},
            {"width": ["None"], "name": "anything", "hint": "anything"},
        ),
        (splitnn.floats, {"name": "They", "given": x, "hint": ""}, {"name": "anything", "hint": "anything"}),
        (splitnn.check_labels, {"labels": y, "n": 12}, {"n": "anything"}),
        (splitnn.check_layer, {"layer": model.first_part[0]}, {}),
        (splitnn.check_kind, {"name": "It", "given": model}, {"name": "anything"}),
        (splitnn.accuracy, {"model": model, "pictures": x, "labels": y}, {}),
        (
            splitnn.train_classifier,
            {"model": inversion.SplitNN(), "pictures": x, "labels": y, "epochs": 1, "seed": 0, "loss_of": None},
            {"loss_of": ["None"]},
        ),
        (
            learned,
            {
                "network": model,
                "loss_of": lambda some: sum(p.sum() for p in model.parameters()) * 0,
                "n": 3,
                "epochs": 1,
                "batch_size": 2,
                "learning_rate": 1e-9,
                "seed": 0,
            },
            {"learning_rate": ["a fraction"]},
        ),
        (
            attackers.train_attacker,
            {
                "attacker": inversion.Attacker(),
                "activations": sent,
                "pictures": own,
                "watch": sent[:2],
                "epochs": 1,
                "batch_size": 4,
                "learning_rate": 1e-9,
                "checkpoints": [1],
            },
            {"learning_rate": ["a fraction"], "checkpoints": none},
        ),
        (attackers.lecture_attacker, {"activations": sent, "pictures": own}, {}),
        (attackers.quick_attacker, {"activations": sent, "pictures": own, "epochs": 1}, {}),
        (attackers.fit_ridge, {"activations": sent, "pictures": own, "penalty": 1, "noise_variance": 0}, number),
        (attackers.redraw_ridge, {"weights": inversion.fit_ridge(sent, own), "activations": sent}, {}),
        (attackers.picture_prior, {"pictures": own}, {}),
        *(
            (
                redraw,
                {"activations": sent, "layer": model.first_part[0], "mean": prior[0], "covariance": prior[1]},
                {},
            )
            for redraw in (attackers.redraw_posterior, attackers.redraw_on_paper)
        ),
        (
            gradients.pictures_from_gradient,
            {"weight_gradient": torch.zeros(5, 784), "bias_gradient": torch.zeros(5), "tolerance": 0.1},
            {"tolerance": ["a fraction"]},
        ),
        (
            gradients.peel,
            {
                "weight_gradient": torch.zeros(5, 784),
                "bias_gradient": torch.zeros(5),
                "layer": torch.nn.Linear(784, 5),
            },
            {},
        ),
        (attackers.with_noise, {"activations": sent, "scale": 1}, {"scale": ["a fraction"]}),
        (scores.mse, {"originals": x, "redrawn": x}, {}),
        (scores.ssim, {"originals": x, "redrawn": x}, {}),
        (scores.fit_reader, {"pictures": x, "labels": y}, {}),
        (scores.read, {"reader": reader, "pictures": x}, {}),
        (scores.found_among_same_digit, {"originals": x, "redrawn": x, "labels": y}, {}),
        (scores.own_is_nearest, {"distances": torch.zeros(12, 12), "labels": y}, {}),
        (
            scores.score_table,
            {"originals": x, "attempts": {"copy": x}, "labels": y, "reader": reader},
            {},
        ),
        (data.scale, {"pixels": np.zeros((2, 28, 28), np.uint8)}, {}),
        (data.unscale, {"pictures": np.zeros((2, 784))}, {"pictures": ["a negative number"]}),
        (data.digits, {"full": False}, {"full": "anything"}),
        (data.letters, {"n": 4, "full": False, "seed": 0}, {"n": ["None"], "full": "anything"}),
        (photo.photo, {"path": scan}, {}),
        (figures.photographed, {"photo": photo.photo(scan), "title": "Them"}, WORDS),
        (figures.handwriting, {"rows": {"a": x}, "title": "Them", "captions": []}, WORDS | {"captions": none}),
        (
            figures.show_rows,
            {"axes": Figure().add_subplot(), "rows": {"a": x}, "captions": []},
            {"axes": "anything", "captions": none},
        ),
        (figures.activations, {"values": sent[0], "title": "Sent"}, WORDS),
        (figures.training, {"checkpoints": taken, "position": 1, "originals": x}, {}),
        (pad.arrays, {"clients": {"it": model}, "letters": own, "samples": samples}, {}),
    ]


def test_every_public_function_is_tried(calls):
    tried = {inspect.unwrap(function) for function, *_ in calls}
    public = misuse.public(attackers, data, figures, gradients, pad, photo, scores, splitnn)
    assert {inspect.unwrap(function) for function in public} == tried


def test_bad_input_gets_a_sentence(calls):
    faults = [fault for call in calls for fault in misuse.faults(*call)]
    assert not faults, "\n".join(faults)


def test_bad_clients_labels_and_folders_get_a_sentence(small, tmp_path):
    x, y, conv = small.test_x[:12], small.test_y[:12], inversion.ConvSplitNN()
    sent, prior = conv.sent(x), inversion.picture_prior(x)
    for call, says in (
        (lambda: inversion.SplitNN().sent(x, cut=3), "cut must be one of"),
        (lambda: inversion.SplitNN()(None), "float tensor, but NoneType"),
        (lambda: inversion.Attacker().redraw("x"), "float tensor, but str"),
        (lambda: inversion.train_classifier(inversion.SplitNN(), x, y + 5), "from 0 to 9"),
        (lambda: inversion.accuracy(small.model, x, y.double() + 0.5), "whole numbers"),
        (lambda: inversion.accuracy(small.model, x, [None] * 12), "missing"),
        (lambda: data.digits(full=True, folder=None), "folder must be a path"),
        (lambda: data.letters(full=True, folder=3), "folder must be a path"),
        (lambda: data.digits().test.tensors(0), "at least 1"),
        (lambda: data.digits().test.tensors("x"), "whole number"),
        (lambda: data.digits().test.pictures(0), "at least 1"),
        (lambda: splitnn.Pictures(x), "Pictures hold a uint8 tensor, but a Tensor of torch.float32"),
        (lambda: splitnn.Pictures([0] * 784), "Pictures hold a uint8 tensor, but a list"),
        (lambda: splitnn.Pictures(torch.zeros(2, 28, 28, dtype=torch.uint8)), r"shape \(n, 784\).*\(2, 28, 28\)"),
        (lambda: splitnn.Pictures(torch.zeros(0, 784, dtype=torch.uint8)), "at least 1"),
        (lambda: data.digits().test.pictures(5)[0].mean(dim=1), "dim must be one of 0"),
        (lambda: figures.handwriting({"a": x, "b": x[:3]}, "Them"), "12 in 'a', 3 in 'b'"),
        (lambda: figures.handwriting({"a": x}, "Them", captions=["one"]), "1 captions"),
        (lambda: figures.handwriting({"a": x * torch.nan}, "Them"), "missing or infinite"),
        (lambda: inversion.redraw_posterior(small.model.sent(x), small.model.first_part[0], x[0], x), r"\(784, 784\)"),
        (lambda: data.digits().test.pictures(5)[0].split(-5), "at least 1"),
        # Of the paper's network, where only a dense client will do.
        (
            lambda: inversion.redraw_posterior(sent, conv.first_part[-2], *prior),
            "Linear\\(784, …\\) is needed.*9216",
        ),
        (lambda: inversion.redraw_on_paper(sent, conv.first_part[-2], *prior), "Linear\\(784, …\\) is needed.*9216"),
        (lambda: pad.arrays({"a": conv}, x, x[:10]), "which a ConvSplitNN lacks, but a Unflatten"),
        (lambda: conv.sent(x, cut=3), "cut must be one of"),
        (lambda: conv(x[:, :700]), "784"),
        (lambda: inversion.train_classifier(conv, x, y + 5), "from 0 to 9"),
    ):
        with pytest.raises((TypeError, ValueError), match=says):
            call()
