"""Every public function of lesson 4 with every kind of bad input: a sentence, or the right result."""

import functools

import numpy as np
import pytest
from misuse import faults, public

from helpers import text
from helpers.text import data, embeddings, figures, language_model

ENCODER = data.encoder()
VECTORS = np.random.default_rng(0).normal(size=(30, 8))
STORED = VECTORS[[1, 2]].mean(axis=0, keepdims=True)
READING = text.read(STORED, VECTORS)[0]
RARE = np.arange(30) > 3
MODEL = language_model.CharacterModel()
PINS = {"a model": (np.linspace(-9, -1, 10_000), "2709.")}

TEXTS = ["an array of texts"]


@functools.wraps(language_model.train)
def learned(**given):
    """train yields: it says what is wrong when it is asked for the first pass."""
    return list(language_model.train(**given))


GOOD = [
    # function, good arguments, what each rightly takes
    (embeddings.at_length_1, {"vectors": VECTORS}, {}),
    (embeddings.rounded, {"stored": STORED, "bits": 4}, {}),
    (embeddings.log_shares, {"texts": [[1, 2], [3]], "size": 30}, {}),
    (embeddings.rare, {"texts": [[1, 2], [3]], "size": 30, "share": 0.5}, {}),
    (embeddings.fool, {"texts": [[1, 2], [3]], "length": 2}, {}),
    (embeddings.read, {"stored": STORED, "vectors": VECTORS, "log_shares": np.full(30, -3.0), "steps": 4}, {
        "log_shares": ["None"]}),
    (embeddings.score, {"texts": [[1, 2]], "readings": [READING], "rare": RARE}, {}),
    (ENCODER.tokens, {"text": "my PIN"}, {"text": ["a text"]}),
    (ENCODER.pieces, {"tokens": [1, 2]}, {"tokens": ["an empty list"]}),
    (ENCODER.embed, {"texts": ["my PIN"]}, {"texts": ["a text", "an array of texts"]}),
    (data.messages, {"n": 300, "seed": 0, "hers": True}, {"hers": "anything"}),
    (data.chats, {"n": 3, "seed": 0}, {}),
    (data.sentences, {"seed": 0}, {}),
    (figures.embedding, {"vector": [0.1, -0.2], "title": "T"}, {"title": "anything"}),
    (figures.pursuit, {"reading": READING, "pieces": ["a"] * len(READING.tokens), "step": 1}, {
        "pieces": ["an array of texts"]}),
    (figures.ranked_pins, {"answers": PINS, "pin": 2709, "title": "T"}, {"title": "anything"}),
    (language_model.check_texts, {"name": "They", "given": ["a"]}, {"name": "anything", "given": TEXTS}),
    (language_model.windows_of, {"texts": ["abc"], "known": 1}, {"texts": TEXTS}),
    (learned, {"model": MODEL, "messages": ["a"], "passes": 0, "seed": 0}, {"messages": TEXTS}),
    (language_model.log_likelihoods, {"model": MODEL, "prompt": "a", "candidates": ["b"]}, {
        "prompt": ["a text"], "candidates": TEXTS}),
    (language_model.rank, {"log_likelihoods": [-1.0, -2], "place": 0}, {}),
    (language_model.exposure, {"rank": 2, "candidates": 8}, {"rank": ["a fraction"]}),
    (language_model.complete, {"model": MODEL, "prompt": "a", "longest": 1}, {"prompt": ["a text"]}),
    (language_model.losses, {"model": MODEL, "messages": ["a"]}, {"messages": TEXTS}),
    (language_model.in_order, {"model": MODEL, "pieces": ["a", "b"], "width": 2}, {"pieces": TEXTS}),
    (language_model.clipped_gradients, {"model": MODEL, "texts": ["a"], "clip": 1.0}, {
        "texts": ["an empty list", *TEXTS], "clip": ["a fraction"]}),
    (language_model.train_dp_sgd, {
        "model": MODEL, "messages": ["a"], "noise_multiplier": 1.0, "rate": 0.5, "steps": 0, "clip": 1.0,
        "learning_rate": 1e-3, "seed": 0}, {
        "messages": TEXTS, "noise_multiplier": ["a fraction"], "clip": ["a fraction"],
        "learning_rate": ["a fraction"]}),
]  # fmt: skip


@pytest.mark.parametrize(("function", "good", "takes"), GOOD, ids=lambda value: getattr(value, "__name__", ""))
def test_bad_input_is_refused_with_a_sentence(function, good, takes):
    assert not (found := list(faults(function, good, takes))), "\n".join(found)


def test_every_public_function_is_in_the_table():
    listed = {language_model.train if function is learned else function for function, _, _ in GOOD}
    assert public(embeddings, data, figures, language_model) <= listed


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: ENCODER.tokens(""), "text must hold a word, but the text '' was given"),
        (lambda: ENCODER.tokens("  \n"), "text must hold a word"),
        (lambda: ENCODER.embed(["a", ""]), "Each text must hold a word, but the text '' was given"),
        (lambda: ENCODER.pieces([32_000]), "at most 31,999, but 32000 was given"),
        (lambda: text.read(np.zeros((2, 8)), VECTORS), "Vector 0 is all zeros"),
        (lambda: text.read([[np.nan] * 8], VECTORS), "Some of stored are missing or infinite"),
        (lambda: text.read(np.ones((1, 7)), VECTORS), r"stored must have shape \(n, 8\).* is \(1, 7\)"),
        (
            lambda: text.read(STORED, np.zeros((3, 8), np.float32)),
            "Some of vectors are missing, infinite, or all zeros",
        ),
        (lambda: text.read(STORED, VECTORS, np.zeros(29)), r"log_shares must have shape \(30,\)"),
        (lambda: text.read(STORED, VECTORS, steps=0), "at least 1, but 0 was given"),
        (lambda: text.rounded(np.zeros((1, 3)), 2), "a number that is not 0"),
        (lambda: text.log_shares([[1, 40]], 30), "Tokens are whole numbers below 30, but 40 is among them"),
        (lambda: text.log_shares([[1.5]], 30), "Tokens are whole numbers below 30"),
        (lambda: text.log_shares([[]], 30), "must have shape"),
        (lambda: text.score([[1], [2]], [READING], RARE), "Each of the 2 texts needs a Reading"),
        (lambda: data.messages(270), "at least 271"),
    ],
)
def test_the_sentence_names_what_is_amiss(work, words):
    with pytest.raises((TypeError, ValueError), match=words):
        work()


def test_a_long_text_is_taken_and_read_badly():
    long = " ".join(data.messages(300)[:40])
    reading = text.read(ENCODER.embed(long), ENCODER.vectors)[0]
    assert len(ENCODER.tokens(long)) > 600 and len(reading.tokens) == 60 and reading.left[-1] > 1e-6
