"""Move every seed set in a kernel, and note what no longer holds. Runs there, before a notebook's first cell."""

import os
import sys

import numpy as np
import torch

from helpers import verdict

FELL = []  # the claims that did not hold, with their numbers: one text each


def move(by, data):
    """Add ``by`` to every seed from now on. A claim that falls is noted in FELL, and stops nothing.

    data: True moves the seeds by which a lesson's data.py draws and divides its data, too.
    """

    def moved(seed):
        caller = os.path.basename(sys._getframe(2).f_code.co_filename)
        kept = not isinstance(seed, int | np.integer) or (caller == "data.py" and not data)
        return seed if kept else seed + by

    class Generator(torch.Generator):
        def manual_seed(self, seed):
            return super().manual_seed(moved(seed))

    class RandomState(np.random.RandomState):  # scikit-learn and pandas make theirs from random_state
        def __init__(self, seed=None):
            super().__init__(moved(seed))

    default_rng, manual_seed, stated = np.random.default_rng, torch.manual_seed, verdict.claim
    np.random.default_rng = lambda seed=None: default_rng(moved(seed))
    torch.manual_seed = lambda seed: manual_seed(moved(seed))
    torch.Generator, np.random.RandomState = Generator, RandomState

    def claim(sentence, *conditions):
        fell, frame = [place for place, condition in enumerate(conditions, 1) if not condition], sys._getframe(1)
        for place in fell:
            FELL.append(f"{sentence}\n{verdict._why(frame, place)}")
        if not fell:
            stated(sentence, *conditions)

    verdict.claim = claim
