"""Is there the memory that a notebook needs? A kernel that runs out of it dies without a word, so this says it before.

Call it before PyTorch is imported: the import alone takes over 0.2 GB.
"""

import textwrap
from pathlib import Path

from . import inputs

WHAT_TO_DO = (
    "Where memory runs out, the kernel stops without a word. Shut down the kernels of other notebooks first: in "
    "JupyterLab they stand under the round icon on the left, and closing a notebook's tab does not end them. "
    "If that is not enough, take a machine with more, such as Colab's."
)


def check(needed):
    """Say so, and what to do, if there is less memory than a notebook needs; print nothing if there is enough.

    needed: the peak of the notebook's kernel, in GB (10⁹ bytes), above 0; what the kernel holds already counts as
    there. Where nobody can tell how much there is, nothing is printed.
    Raises TypeError or ValueError for anything else.
    """
    needed = inputs.real("needed", needed, above=0)
    there = available()
    if there is not None and there < 1e9 * needed:
        said = f"This notebook needs {needed:g} GB of memory, and there is only {there / 1e9:.2f} GB for it."
        print(textwrap.fill(f"{said} {WHAT_TO_DO}", 88))


def available():
    """Bytes of memory that this process may come to hold: what it has, and what is free for it. None if nobody knows.

    The least that the machine, and each of the process's control groups that has a limit, still allow.
    Source: the Linux kernel's documentation of cgroup-v1/memory.rst and cgroup-v2.rst.
    """
    try:
        import psutil  # ipykernel needs it, too

        held, free = psutil.Process().memory_info().rss, psutil.virtual_memory().available
    except Exception:  # a browser's Python lacks it, and sandboxes hide what it reads
        return None
    return held + max(min([free, *_left_in_groups()]), 0)


def _left_in_groups(table=Path("/proc/self/cgroup"), mount=Path("/sys/fs/cgroup")):
    """Bytes that each of this process's control groups still allows: those of versions 1 and 2, and of containers."""
    try:
        groups = [line.split(":", 2) for line in table.read_text().splitlines()]
    except OSError:  # no Linux
        return
    for _, controllers, path in groups:
        if "memory" in controllers.split(","):
            root, limit, usage, cached = mount / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"
        elif not controllers:
            root, limit, usage, cached = mount, "memory.max", "memory.current", ""
        else:
            continue
        # In a container the path may be that of the machine outside, which is not there: its own group is the root.
        folder = root / path.strip("/")
        for group in (folder, *folder.parents):
            try:
                most, used = (int((group / name).read_text()) for name in (limit, usage))
                words = (group / "memory.stat").read_text().split()
            except (OSError, ValueError):  # no such group, or "max": no limit
                continue
            # Files that were read count as used, but the kernel gives their room away.
            stat = dict(zip(words[::2], words[1::2], strict=False))
            yield most - used + sum(int(stat.get(f"{cached}{kind}_file", 0)) for kind in ("active", "inactive"))
