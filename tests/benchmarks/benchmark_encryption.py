"""Tasks of notebook 1. Run them with ``python tests/benchmarks``."""

import hashlib
import itertools
import math

import numpy as np
import pandas as pd
from common import Work, task

from helpers import encryption
from helpers.encryption import data

HASHCAT = 374e6  # MD5 hashes a second, hashcat with PoCL on two cores: measured in a trial run


@task("MD5 of all taxi identifiers", "hashlib loop", (676_000, 1_676_000, 20_278_000), "≥ 10x, ≤ 1.5 s")
def md5_space(size):
    patterns = {676_000: ["XX999"], 1_676_000: ["XX999", "999999"]}.get(size, list(encryption.TAXI_FORMATS))
    digests = [hashlib.md5(cab.encode()).hexdigest() for cab in data.taxi_release().cabs]  # 50,000

    def loop():
        released, found = set(digests), {}
        for licence in encryption.identifiers("999999"):
            digest = hashlib.md5(licence.encode()).hexdigest()
            if digest in released:
                found[digest] = licence
        return found

    def same(found, all_found):
        return found == {digest: cab for digest, cab in all_found.items() if len(cab) == 6 and cab.isdigit()}

    return Work(lambda: encryption.search_md5(digests, patterns), loop, same, share=1e6 / size, seconds=size / HASHCAT)


@task("matching by frequency, rows", "list.count for each value", (1_000, 10_000, 100_000))
def frequency(size):
    random = np.random.default_rng(0)
    share = 1 / np.arange(1, 101)
    cells = [f"cell {i}" for i in random.choice(100, size, p=share / share.sum())]
    known = [f"value {i}" for i in random.choice(100, size, p=share / share.sum())]

    def plain():
        def ranked(column):
            return sorted(dict.fromkeys(column), key=lambda value: -column.count(value))

        values = ranked(known)
        guess = dict(zip(ranked(cells), values, strict=False))
        return [guess.get(cell, values[0]) for cell in cells]

    return Work(lambda: encryption.match_by_frequency(cells, known), plain, lambda a, b: a == b)


@task("two columns together, rows", "every order of both columns", (1_000, 6_600, 60_000), "≤ 0.5 s")
def together(size):
    clinic = data.hospital()
    truth = clinic.table[["age band", "admitted for"]].sample(size, replace=True, random_state=0)
    cells = truth.apply(lambda column: encryption.encrypt_column(column, bytes(range(32)), "deterministic"))

    def plain():  # the five commonest causes alone: all orders of both are 720 * 120
        common = list(encryption.shares(cells["admitted for"]))[:5]
        shown = cells[cells["admitted for"].isin(common)]
        seen = pd.crosstab(shown["age band"], shown["admitted for"]).to_numpy()
        known = pd.crosstab(clinic.auxiliary["age band"], clinic.auxiliary["admitted for"]) + 0.5
        known = np.log(known[list(encryption.shares(clinic.auxiliary["admitted for"]))[:5]].to_numpy())
        rows = itertools.permutations(range(len(known)), len(seen))
        return max((seen * known[np.ix_(a, b)]).sum() for a in rows for b in itertools.permutations(range(5)))

    def right(_, guesses):
        return encryption.recovered(guesses["admitted for"], truth["admitted for"])[0] > 0.85

    return Work(lambda: encryption.match_together(cells, clinic.auxiliary), plain, right)


@task("key stream used twice, texts of 300 bytes", "a loop over key bytes", (10, 50, 250))
def keystream(size):
    pages = [page.encode("ascii", "replace") for page in data.help_pages().values()]
    shares = encryption.character_shares(pages)
    text = b"".join(pages)
    texts = [text[300 * i : 300 * (i + 1)] for i in range(size)]
    sent = encryption.encrypt_with_one_nonce(texts, bytes(range(32)), bytes(16))

    def plain():
        log = [math.log(share) for share in shares]
        columns = zip(*sent, strict=True)
        return [max(range(256), key=lambda key: sum(log[cell ^ key] for cell in column)) for column in columns]

    def same(a, b):
        return np.mean(np.array(a) == b) > 0.99  # two key bytes can be equally likely

    return Work(lambda: encryption.guess_keystream(sent, shares), plain, same)
