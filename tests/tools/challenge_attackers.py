"""Attackers of the challenges that know the lessons, and one who guesses as the notebook says."""

import functools
import itertools

import numpy as np
import torch

from helpers import challenge, encryption, inversion, reidentification
from helpers.challenge import office
from helpers.inversion import data as handwriting
from helpers.text import data as messages
from helpers.text import embeddings, language_model


@functools.cache
def language():
    return encryption.learn_language(messages.messages(10_000, hers=False))


@functools.cache
def letters():
    return inversion.picture_prior(handwriting.letters(5_000).tensors()[0])


@functools.cache
def how_people_write():
    encoder = messages.encoder()
    return embeddings.log_shares([encoder.tokens(text) for text in messages.messages(5_000, hers=False)], 32_000)


def column(given):
    sent = [bytes.fromhex(one) for one in given["letters"]]
    stream = encryption.guess_keystream(sent, language())
    return {
        "column": encryption.match_by_frequency(given["table"]["admitted for"], given["earlier"]["admitted for"]),
        "log": encryption.search_md5(given["log"]["member"], [given["format"]]),
        "letters": [encryption.apply_keystream(stream, one) for one in sent],
    }


def diary(given):
    ratings, found = reidentification.index_ratings(given["ratings"]), []
    for _, known in given["diaries"].groupby("diary"):
        fits = reidentification.fitting(ratings, known["film"], known["stars"], known["day"], 0.5, 7)
        fits_all = np.flatnonzero(fits == len(known))
        found.append(ratings.users[fits_all[0]] if len(fits_all) == 1 else None)
    return {"diaries": found, "debts": reidentification.reconstruct(given["groups"], given["counts"], guess=0.3)}


def pictures(given):
    layer = torch.nn.Linear(784, 500)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(given["weight"]))
        layer.bias.copy_(torch.from_numpy(given["bias"]))
    return {"pictures": inversion.redraw_on_paper(torch.from_numpy(given["sent"]), layer, *letters())}


def texts(given):
    encoder = messages.encoder()
    left, _, right = np.linalg.svd(given["pair vectors"].T @ encoder.embed(given["pairs"]["message"]))
    readings = embeddings.read(given["vectors"] @ (left @ right), encoder.vectors, how_people_write())
    model = language_model.CharacterModel()
    weights = {name[6:]: torch.from_numpy(part) for name, part in given.items() if name.startswith("model ")}
    model.load_state_dict(weights)
    likely = language_model.log_likelihoods(model, given["prompt"])
    best = np.argsort(-likely, kind="stable")[:10]
    return {"tokens": [one.all() for one in readings], "number": [f"{place:04}" for place in best]}


def counts(given):
    return {"counts": office.best_counts(given["questions"])}  # what lesson 5 teaches, pieces, earns four fifths


def pieces(questions):
    """The rectangles that no edge of a question cuts, each person in one, with all the noise that is allowed."""
    questions = challenge.as_question(questions)
    edges = [np.unique([*questions[:, i] - 1, *questions[:, i + 1]]) for i in (0, 2)]
    spans = [[(low + 1, high) for low, high in itertools.pairwise(some)] for some in edges]
    found = np.array([[*region, *age, 1.0] for region, age in itertools.product(*spans)])
    return office._loudest(questions, found)


def attack(mine):
    """The answers of the lessons' attackers to a Challenge."""
    return {n: one(mine[n]) for n, one in enumerate((column, diary, pictures, texts, counts), 1)}


def guess(mine):
    """The answers of one who guesses as the notebook says, and names ten numbers and digests for good measure."""
    given = mine[1]
    commonest = given["earlier"]["admitted for"].mode()[0]
    some = given["format"].replace("X9999", "A0000")
    return {
        1: {
            "column": [commonest] * len(given["table"]),
            "log": dict.fromkeys(given["log"]["member"], some),
            "letters": [" " * (len(one) // 2) for one in given["letters"]],
        },
        2: {"diaries": [None] * mine[2]["diaries"]["diary"].nunique(), "debts": np.zeros(mine[2]["groups"].shape[1])},
        3: {"pictures": challenge.scores.mean_digit().expand(64, 784)},
        4: {
            "tokens": [challenge.scores.usual_tokens()] * len(mine[4]["vectors"]),
            "number": [f"{number:04}" for number in range(1000, 1010)],
        },
        5: {"counts": challenge.as_asked(mine[5]["questions"])},
    }
