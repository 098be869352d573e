"""One table: how fast the pack is beside the plain way, and how near to what this machine can do.

    python tests/benchmarks                 every task, about eleven minutes on two cores
    python tests/benchmarks MD5 ridge       only tasks whose names hold one of these words
    python tests/benchmarks notebooks       imports and notebooks; widgets: how soon each control answers

Every task runs in a process of its own: our side at three sizes, then the plain way at the largest.
Both are timed in the same run, and a task stops where their results disagree; ≈ is the time of a part
of the plain way, scaled up, and only this part is compared. "Of the limit" says
which share of our time the machine would need at least: for the multiplications at its measured
rate, for the bytes at its measured bandwidth, or at hashcat's rate. Nothing here is a test: no time
makes anything fail. Needs tests/requirements.txt, and Chromium or Chrome for the widgets.
"""

import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import benchmark_defences  # noqa: E402, F401
import benchmark_encryption  # noqa: E402, F401
import benchmark_inversion  # noqa: E402, F401
import benchmark_notebooks  # noqa: E402
import benchmark_reidentification  # noqa: E402, F401
import benchmark_text  # noqa: E402, F401
import common  # noqa: E402


def alone(work, *args):
    """What ``work`` returns in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(work, *args).result()


def duration(seconds):
    if seconds < 0.1:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds:.0f} s"


def row(task, result):
    plain = ("≈ " if result.share < 1 else "") + duration(result.plain)
    sizes = ", ".join(f"{size:,}: {duration(seconds)}" for size, seconds in result.growth)
    return (
        f"| {task.name} | {task.plain_name} {plain} | {duration(result.ours)} "
        f"| {result.plain / result.ours:.1f}x | {task.goal or '–'} "
        f"| {f'{result.floor / result.ours:.0%}' if result.floor else '–'} | {result.peak:.2f} GB | {sizes} |"
    )


def main(words):
    limits = alone(common.machine_limits)
    print(
        f"{platform.machine()}, {limits['threads']} threads, Python {platform.python_version()}: "
        f"{limits['flops'] / 1e9:.0f} Gflop/s in matrix products, {limits['bytes'] / 1e9:.1f} GB/s in a copy\n"
    )
    wanted = [name for name in common.TASKS if not words or any(word.lower() in name.lower() for word in words)]
    if not wanted and not {"notebooks", "widgets"} & set(words):
        sys.exit(f"No task has {' or '.join(words)} in its name.\n\n{__doc__}")
    if wanted:
        print("| Task | The plain way | Ours | Ratio | Goal | Of the limit | Peak | Growth |")
        print("|---|---|---|---|---|---|---|---|")
    for name in wanted:
        task = common.TASKS[name]
        print(row(task, alone(common.measure, task.prepare.__module__, name, limits)), flush=True)
    if not words or "notebooks" in words:
        print(flush=True)
        benchmark_notebooks.main()
    if not words or "widgets" in words:
        import benchmark_widgets  # here, since only this needs Playwright

        print(flush=True)
        benchmark_widgets.main([])


if __name__ == "__main__":
    main(sys.argv[1:])
