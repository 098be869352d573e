"""What the benchmarks share: how a task is written down, run and compared with what the machine could do."""

import importlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

TASKS = {}


class Work(NamedTuple):
    """One task at one size, ready to run.

    ours, plain: functions without arguments. same: says of what plain and ours return whether both
    did the same (or ours no worse); None where there is nothing to compare. share: which part of the
    work plain does, where all of it would take too long; its time is divided by that.
    flops, moved: floating-point operations in matrix products, and bytes read and written, that ours
    cannot do without; seconds: what the best known program would take, if that is measured elsewhere.
    """

    ours: Callable
    plain: Callable | None = None
    same: Callable | None = None
    share: float = 1.0
    flops: float = 0
    moved: float = 0
    seconds: float = 0


class Task(NamedTuple):
    name: str
    plain_name: str
    goal: str
    sizes: tuple
    prepare: Callable


class Result(NamedTuple):
    ours: float  # seconds, at the largest size
    plain: float | None
    floor: float  # seconds that this machine needs at least, as far as we can say
    share: float  # of the work that plain did: its time is scaled up
    growth: list  # (size, seconds) for each size
    peak: float  # GB, of a process that did only our side


def task(name, plain_name, sizes, goal=""):
    """Registers a function from a size to a Work."""

    def register(prepare):
        TASKS[name] = Task(name, plain_name, goal, sizes, prepare)
        return prepare

    return register


def timed(work):
    """What ``work`` gives, and the seconds of its fastest run: three runs, or one if it is slow."""
    fastest, spent = float("inf"), 0.0
    for _ in range(3):
        result = None  # two results at a time would be more memory than the work needs
        start = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - start
        fastest, spent = min(fastest, seconds), spent + seconds
        if spent > 3:
            break
    return result, fastest


def peak_memory():
    """Peak memory of this process so far, in GB."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: what getrusage says includes the process that started this one
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1e6
    import resource  # macOS, which counts in bytes

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e9


def measure(module, name, limits):
    """Runs one task, which that module registers: ours at every size, then the plain way at the largest.

    Raises AssertionError where their results disagree.
    """
    importlib.import_module(module)
    growth = []
    for size in TASKS[name].sizes:
        work = TASKS[name].prepare(size)
        found = None
        found, ours = timed(work.ours)
        growth.append((size, ours))
    peak, plain = peak_memory(), None
    if work.plain:
        expected, plain = timed(work.plain)
        plain /= work.share
        if work.same and not work.same(expected, found):
            raise AssertionError(f"{name}: the plain way and ours disagree.")
    floor = max(work.flops / limits["flops"], work.moved / limits["bytes"], work.seconds)
    return Result(ours, plain, floor, work.share, growth, peak)


def machine_limits():
    """What this machine reaches: floating-point operations a second in matrix products, bytes a second in a copy."""
    import numpy as np
    import torch

    a, b = torch.rand(2048, 2048), torch.rand(2048, 2048)
    _, product = timed(lambda: torch.mm(a, b))
    source, target = np.ones(2**26), np.empty(2**26)
    _, copy = timed(lambda: np.copyto(target, source))
    return {"flops": 2 * 2048**3 / product, "bytes": 2 * source.nbytes / copy, "threads": torch.get_num_threads()}
