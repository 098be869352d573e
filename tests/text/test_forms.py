"""The same vectors, tokens and texts in other forms give the same results."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import text
from helpers.text import data, figures, language_model

RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(200, 32)).astype(np.float32)
TOKENS = [3, 50, 50, 7]
STORED = VECTORS[TOKENS].mean(axis=0)
FORMS = {
    "double": lambda values: np.asarray(values, float),
    "list": lambda values: np.asarray(values).tolist(),
    "torch": lambda values: torch.tensor(np.asarray(values)),
    "table": lambda values: pd.DataFrame(np.asarray(values)),
    "turned": lambda values: np.asfortranarray(values),
}


@pytest.mark.parametrize("form", FORMS)
def test_vectors(form):
    as_given = FORMS[form]
    assert text.at_length_1(as_given([STORED])) == pytest.approx(text.at_length_1([STORED]))
    assert np.array_equal(text.rounded(as_given([STORED]), 4), text.rounded([STORED], 4))
    reading = text.read(as_given([STORED]), as_given(VECTORS))[0]
    assert sorted(reading.all()) == sorted(TOKENS)


@pytest.mark.parametrize("kind", [list, tuple, np.array, pd.Series, torch.tensor, np.float64, "int8"])
def test_tokens(kind):
    tokens = np.array(TOKENS).astype(kind) if isinstance(kind, str) or kind is np.float64 else kind(TOKENS)
    assert np.array_equal(text.log_shares([tokens], 200), text.log_shares([TOKENS], 200))
    assert text.rare([tokens], 200, 1).sum() == 197
    assert text.fool([tokens], 2).all().tolist() == [50, 3]
    reading = text.read(STORED, VECTORS)[0]
    assert text.score([tokens], [reading], np.ones(200, bool))["whole texts"] == 100
    assert text.score((TOKENS,), (reading,), [1] * 200)["rare tokens taken"] == 100


def test_one_vector_is_a_table_of_one():
    for one in (STORED, torch.tensor(STORED), pd.Series(STORED), 100 * STORED):
        assert sorted(text.read(one, VECTORS)[0].all()) == sorted(TOKENS)


def test_texts():
    encoder = data.encoder()
    one = encoder.embed("my PIN")
    for texts in (
        ["my PIN"],
        ("my PIN",),
        np.array(["my PIN"]),
        pd.Series(["my PIN"]),
        pd.Series(["my PIN"], dtype="string"),
    ):
        assert np.array_equal(encoder.embed(texts), one)
    assert encoder.pieces(np.array([29889.0])) == encoder.pieces([29889]) == ["."]


def test_figures_take_the_same():
    assert figures.embedding(list(STORED), "T").alt == figures.embedding(torch.tensor(STORED), "T").alt


MODEL = language_model.CharacterModel()


@pytest.mark.parametrize("form", [tuple, np.array, pd.Series, lambda texts: pd.Series(texts, dtype="string"), iter])
def test_chats(form):
    chats = ["my pin is 1.", "hello."]
    assert np.array_equal(language_model.losses(MODEL, form(chats)), language_model.losses(MODEL, chats))
    likely = language_model.log_likelihoods(MODEL, "my ", form(["pin", "card"]))
    assert np.array_equal(likely, language_model.log_likelihoods(MODEL, "my ", ["pin", "card"]))
    assert language_model.in_order(MODEL, form(["b", "a"])) == language_model.in_order(MODEL, ["a", "b"])


@pytest.mark.parametrize("form", [list, tuple, pd.Series, torch.tensor, np.float32])
def test_likelihoods_and_ranks(form):
    assert language_model.rank(form([-3.0, -1.0, -2.0]), np.int64(2)) == 2
    assert language_model.exposure(torch.tensor(2), np.float64(8)) == 2
    answers = {"one": (form(np.linspace(-9, -1, 10_000)), "2709.")}
    assert "rank 7,291 of 10,000" in figures.ranked_pins(answers, 2709.0, "T").alt
