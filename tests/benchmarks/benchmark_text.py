"""Tasks of notebook 4. Run them with ``python tests/benchmarks``."""

import numpy as np
import torch
from common import Work, task

from helpers import text
from helpers.text import data
from helpers.text import language_model as lm


def pursue(stored, vectors, steps=60):
    """The pursuit as the notebook writes it out: one message at a time, and each fit from the start."""
    lengths, left, found = np.linalg.norm(vectors, axis=1), stored, []
    while len(found) < steps and left @ left > 1e-6:
        cosine = vectors @ left / lengths
        found.append(cosine.argmax())
        chosen = vectors[found].T
        left = stored - chosen @ np.linalg.lstsq(chosen, stored, rcond=None)[0]
    return found


def same(plain, ours):
    """Whether nearly all messages have the same tokens: two can point equally well, to the last digit."""
    alike = [found == one.tokens.tolist() for found, one in zip(plain, ours, strict=False)]
    return np.mean(alike) > 0.9


@task("reading messages out of their vectors", "one by one", (10, 100, 1_000), "1,000 in ≤ 15 s")
def pursuit(size):
    encoder = data.encoder()
    texts = [one for one in data.messages(2_000) if len(encoder.tokens(one)) <= 40][:size]
    stored, few = encoder.embed(texts), max(size // 20, 10)

    def one_by_one():
        return [pursue(one, encoder.vectors) for one in stored[:few]]

    steps = sum(len(np.unique(encoder.tokens(one))) for one in texts)
    flops = 2 * steps * encoder.vectors.size
    return Work(lambda: text.read(stored, encoder.vectors), one_by_one, same, share=few / size, flops=flops)


@task("one message of 20 tokens", "the notebook's own lines", (1,), "≤ 0.1 s")
def one_message(size):
    encoder = data.encoder()
    written = next(one for one in data.messages() if len(encoder.tokens(one)) == 20)
    stored = encoder.embed(written)
    return Work(
        lambda: text.read(stored, encoder.vectors),
        lambda: [pursue(stored[0], encoder.vectors)],
        same,
        moved=len(np.unique(encoder.tokens(written))) * encoder.vectors.nbytes,
    )


@task("ranking all PINs by their likelihood", "one PIN after another", (100, 1_000, 10_000), "≤ 0.3 s")
def ranks(size):
    torch.manual_seed(0)
    model, pins = lm.CharacterModel(), lm.PINS[:size]
    few = pins[: max(size // 100, 10)]

    def one_by_one():
        return np.concatenate([lm.log_likelihoods(model, data.PROMPT, [pin]) for pin in few])

    def alike(plain, ours):
        return np.allclose(plain, ours[: len(plain)], rtol=1e-4)

    windows = sum(size // 10**place for place in range(1, 5)) + 1
    flops = 2 * windows * sum(layer.weight.numel() for layer in model.layers[::2])
    return Work(lambda: lm.log_likelihoods(model, data.PROMPT, pins), one_by_one, alike, len(few) / size, flops)


@task("training the character model", "windows cut in Python", (500, 1_000, 2_000), "2,000 messages in ≤ 8 s")
def character_model(size):
    chats = data.chats(size)
    few = chats[: size // 50]

    def trained():
        torch.manual_seed(0)
        return list(lm.train(lm.CharacterModel(), chats))

    def in_python():
        torch.manual_seed(0)
        model = lm.CharacterModel()
        optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
        stream = [(lm.END * lm.WINDOW + chat + lm.END, place) for chat in few for place in range(len(chat) + 1)]
        for _ in range(8):
            for i in torch.randperm(len(stream)).split(512):
                some = [stream[j] for j in i]
                windows = [[lm.CHARACTERS.index(c) for c in text[at : at + lm.WINDOW]] for text, at in some]
                following = [lm.CHARACTERS.index(text[at + lm.WINDOW]) for text, at in some]
                loss = torch.nn.functional.cross_entropy(model(torch.tensor(windows)), torch.tensor(following))
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    weights = sum(layer.weight.numel() for layer in lm.CharacterModel().layers[::2])
    flops = 8 * 6 * weights * sum(len(chat) + 1 for chat in chats)
    return Work(trained, in_python, share=len(few) / size, flops=flops)
