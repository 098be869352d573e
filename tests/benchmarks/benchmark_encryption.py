"""How fast the attacks of notebook 1 are. Prints ratios of one run.

    python tests/benchmarks/benchmark_encryption.py

All 20,278,000 taxi identifiers are hashed and looked up among 50,000 targets. The readable loop
of the notebook is the yardstick; it is timed on a tenth of the space. hashcat is run where it is
installed (`hashcat -b -m 0`); elsewhere a rate measured before, on two cores with PoCL, stands in
for it. Takes about a minute on two cores.
"""

import hashlib
import re
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))
from helpers import data, encryption

EVERY = encryption.count_identifiers(encryption.TAXI_FORMATS)
KEY = bytes(range(32))
HASHCAT = 374e6  # MD5 a second on two cores, measured in a trial run


def timed(work, *args, repeats=1):
    """What work gives, and the seconds of its fastest run."""
    fastest = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        result = work(*args)
        fastest = min(fastest, time.perf_counter() - start)
    return result, fastest


def loop(released):
    found = {}
    for licence in encryption.identifiers("999999"):
        digest = hashlib.md5(licence.encode()).hexdigest()
        if digest in released:
            found[digest] = licence
    return found


def hashcat_rate():
    if not shutil.which("hashcat"):
        return HASHCAT, "rate of an earlier run"
    shown = subprocess.run(
        ["hashcat", "-b", "-m", "0", "--machine-readable", "--force"], capture_output=True, text=True
    )
    rates = [float(line.split(":")[-1]) for line in shown.stdout.splitlines() if re.match(r"\d+:0:", line)]
    return (sum(rates), "measured now") if rates else (HASHCAT, "rate of an earlier run")


def main():
    print(f"NumPy {np.__version__}, {EVERY:,} identifiers, 50,000 targets")
    cabs = data.taxi_release().cabs
    digests = [encryption.md5(cab) for cab in cabs]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers, fast = timed(encryption.search_md5, digests, encryption.TAXI_FORMATS, repeats=3)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert [answers.get(digest) for digest in digests] == cabs
    alone, one_thread = timed(encryption.search_md5, digests, encryption.TAXI_FORMATS, "", 1)
    assert alone == answers
    found, seconds = timed(loop, set(digests), repeats=3)
    assert found == {digest: cab for digest, cab in answers.items() if re.fullmatch(r"\d{6}", cab)}
    slow = seconds * EVERY / 1e6
    rate, remark = hashcat_rate()
    for name, taken in (
        ("hashlib loop, from a million", slow),
        ("NumPy, one thread", one_thread),
        ("NumPy, two threads", fast),
        (f"hashcat, {remark}", EVERY / rate),
    ):
        print(f"{name:38} {taken:7.2f} s  {EVERY / taken / 1e6:7.1f} M/s  {slow / taken:7.1f}x")
    print(f"every target found; peak memory {peak / 1e6:.2f} GB (before the search {before / 1e6:.2f} GB)")

    clinic, registry = data.hospital(), data.health_registry()
    odd = registry["person"] % 2 == 1
    ages, known_ages = registry["age"][odd], registry["age"][~odd]
    columns = {name: (truth, clinic.auxiliary[name]) for name, truth in clinic.table.items()} | {
        "age": (ages, known_ages)
    }
    for name, (truth, known) in columns.items():
        cells = encryption.encrypt_column(truth, KEY, "deterministic")
        _, by_frequency = timed(encryption.match_by_frequency, cells, known, repeats=3)
        cells = encryption.encrypt_column(truth, KEY, "order-preserving")
        _, by_order = timed(encryption.match_by_order, cells, known, repeats=3)
        milliseconds = f"by frequency {1000 * by_frequency:5.1f} ms, by order {1000 * by_order:5.1f} ms"
        print(f"{name:14} {len(truth):6,} rows: {milliseconds}")


if __name__ == "__main__":
    main()
