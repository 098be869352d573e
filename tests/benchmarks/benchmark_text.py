"""Tasks of notebook 4. Run them with ``python tests/benchmarks``."""

import numpy as np
from common import Work, task

from helpers import text
from helpers.text import data


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
