"""Tasks of notebook 1. Run them with ``python tests/benchmarks``."""

import hashlib
import itertools

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


@task("key stream used twice, texts of 300 bytes", "the same, a context at a time", (2, 5, 10), "≤ 2 s (5 texts)")
def keystream(size):
    letters, pages = data.letters_to_the_bank(50)
    letters, language = letters[:size], encryption.learn_language(pages)
    sent = encryption.encrypt_with_one_nonce(letters, bytes(range(32)), bytes(16))
    row = {int(context): i for i, context in enumerate(language.contexts)}
    every, first = np.arange(256), 40  # the plain way reads so many bytes

    def plain():
        beam = [(0.0, b"", [b". "] * size)]
        for column in list(zip(*sent, strict=True))[:first]:
            longer = []
            for score, stream, texts in beam:
                ends = [
                    next(e for k in (3, 2, 1, 0) if (e := int.from_bytes(b"\1" + t[len(t) - k :])) in row)
                    for t in texts
                ]
                total = score + sum(language.logs[row[e]][every ^ c] for e, c in zip(ends, column, strict=True))
                longer += [(total[key], stream, key, texts) for key in total.argsort()[-100:]]
            longer.sort(key=lambda one: -one[0])
            beam = []
            for score, stream, key, texts in longer[:100]:
                texts = [text[-2:] + bytes([c ^ key]) for text, c in zip(texts, column, strict=True)]
                beam.append((score, stream + bytes([key]), texts))
        return beam[0][1]

    def same(a, b):
        return np.mean(np.frombuffer(a[: first - 5], np.uint8) == b[: first - 5]) > 0.9 or size == 2

    work = len(sent[0]) / first
    return Work(lambda: encryption.guess_keystream(sent, language), plain, same, share=1 / work)
