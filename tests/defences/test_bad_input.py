"""Every public function answers bad input with a sentence."""

import misuse
import numpy as np
import pandas as pd
import pytest
import torch

from helpers import defences, inversion
from helpers.defences import counts, data, figures, noise, training_set

ANY = "anything"
torch.manual_seed(0)
MODEL, DEFENDED, CONV = inversion.SplitNN(), defences.DefendedSplitNN(0.5), defences.DefendedConvSplitNN(0.5)
PICTURES, LABELS = torch.linspace(-1, 1, 8 * 784).reshape(8, 784), torch.arange(8)
SAMPLE = torch.arange(12.0).reshape(6, 2)
GRID, TILES = defences.read_grid(), defences.read_grid_pictures()
TABLE = pd.DataFrame({10: [80.0, 90.0], 800: [79.0, 99.0]}, [1.0, 100.0])
CALLS = [  # function, good arguments, which kinds of misuse.BAD an argument rightly takes
    (
        counts.laplace_mechanism,
        {"counts": [1, 2], "epsilon": 1.0, "sensitivity": 1, "random": np.random.default_rng(0)},
        {"epsilon": ["a fraction"], "sensitivity": ["a fraction"]},
    ),
    (counts.strongest_belief, {"prior": 0.2, "epsilon": 1.0}, {"epsilon": ["a fraction"]}),
    (
        counts.expected_answers,
        {"queries": [[0, 1], [1, 1]], "answers": [1, 2], "scale": 1.0, "prior": 0.2},
        {"scale": ["a fraction"]},
    ),
    (counts.noisy_counts_trial, {"secret": [0, 1], "m": 3, "epsilon": 1.0, "seed": 0}, {"epsilon": ["a fraction"]}),
    (counts.laplace_auc, {"epsilon": 1.0}, {"epsilon": ["a fraction"]}),
    (data.read_grid, {}, {}),
    (data.read_conv_grid, {}, {}),
    (data.read_grid_pictures, {}, {}),
    (data.read_published, {}, {}),
    (noise.distance_correlation, {"x": SAMPLE, "y": SAMPLE, "squared": False}, {"squared": ANY}),
    (noise.unbiased_distance_correlation_sqr, {"x": SAMPLE, "y": SAMPLE}, {}),
    (
        noise.train_defended,
        {"model": DEFENDED, "pictures": PICTURES, "labels": LABELS, "nopeek": 0.1, "epochs": 1},
        {"nopeek": ["a fraction"]},
    ),
    (
        noise.retrain_server,
        {"model": DEFENDED, "pictures": PICTURES, "labels": LABELS, "epochs": 1},
        {},
    ),
    (
        noise.most_probable,
        {"messages": MODEL.sent(PICTURES), "layer": MODEL.first_part[0], "scale": 1.0, "own": PICTURES},
        {"scale": ["a fraction"]},
    ),
    (noise.attack, {"model": DEFENDED, "own": PICTURES, "pictures": PICTURES}, {}),
    (
        noise.found_by_matching,
        {"model": MODEL, "sent": MODEL.sent(PICTURES), "pictures": PICTURES, "labels": LABELS},
        {},
    ),
    (noise.before_noise, {"model": MODEL, "pictures": PICTURES}, {}),
    (noise.undo_tanh, {"messages": CONV.sent(PICTURES), "scale": 0.5}, {"scale": ["a fraction"]}),
    (noise.median_of_messages, {"activations": MODEL.sent(PICTURES), "scale": 0.5, "n": 3}, {"scale": ["a fraction"]}),
    (noise.attack, {"model": CONV, "own": PICTURES, "pictures": PICTURES}, {}),
    (noise.before_noise, {"model": CONV, "pictures": PICTURES}, {}),
    (
        noise.found_by_matching,
        {"model": CONV, "sent": CONV.sent(PICTURES), "pictures": PICTURES, "labels": LABELS},
        {},
    ),
    (
        noise.train_defended,
        {"model": CONV, "pictures": PICTURES, "labels": LABELS, "nopeek": 0.1, "epochs": 1},
        {"nopeek": ["a fraction"]},
    ),
    (noise.retrain_server, {"model": CONV, "pictures": PICTURES, "labels": LABELS, "epochs": 1}, {}),
    (
        training_set.clipped_gradients,
        {"model": MODEL, "pictures": PICTURES, "labels": LABELS, "clip": 1.0},
        {"clip": ["a fraction"]},
    ),
    (
        training_set.train_dp_sgd,
        {
            "model": MODEL,
            "pictures": PICTURES,
            "labels": LABELS,
            "noise_multiplier": 1,
            "rate": 0.5,
            "steps": 1,
            "clip": 1.0,
            "learning_rate": 0.1,
            "seed": 0,
        },
        {"noise_multiplier": ["a fraction"], "clip": ["a fraction"], "learning_rate": ["a fraction"]},
    ),  # fmt: skip
    (
        training_set.membership,
        {"models": [MODEL] * 3, "pools": [(PICTURES, LABELS)] * 3, "compared": True, "false_alarms": 0.1},
        {"compared": ANY},
    ),
    (training_set.class_prototypes, {"model": MODEL}, {}),
    (
        figures.on_one_scale,
        {"value": 1, "nothing": 0, "everything": 2},
        dict.fromkeys(("value", "nothing", "everything"), ["a fraction", "a negative number"]),
    ),  # fmt: skip
    (figures.two_worlds, {"epsilon": 1.0, "prior": 0.2}, {"epsilon": ["a fraction"]}),
    (
        figures.attack_and_error,
        {"right": TABLE, "error": TABLE, "no_count": TABLE, "epsilon": 1.0, "questions": 800, "guess": 79},
        {"guess": ["a fraction", "a negative number"]},
    ),
    (figures.grid_tables, {"tables": [TABLE], "titles": ["reads"], "title": "T"}, {"title": ANY, "titles": ANY}),
    (figures.grid_cell, {"cell": GRID.loc[19], "originals": TILES[19][:4], "tiles": TILES[19]}, {}),
    (figures.frontiers, {"panels": {"A": {"one": (10, 90)}}, "title": "T"}, {"title": ANY}),
]


def test_the_table_has_every_public_function():
    assert {call[0] for call in CALLS} == misuse.public(counts, data, noise, training_set, figures)


@pytest.mark.parametrize(("function", "good", "takes"), CALLS, ids=lambda some: getattr(some, "__name__", ""))
def test_bad_input_gets_a_sentence(function, good, takes):
    assert not list(misuse.faults(function, good, takes))


@pytest.mark.parametrize("bad", ["seven", None, -1, float("nan"), float("inf"), True, [0.5]])
def test_a_defended_network_says_what_noise_it_needs(bad):
    with pytest.raises((TypeError, ValueError), match="noise must be a finite number at least 0"):
        defences.DefendedSplitNN(bad)
    with pytest.raises((TypeError, ValueError), match="noise must be a finite number at least 0"):
        defences.DefendedConvSplitNN(bad)
