"""The memory of a kernel: watched, and limited where the machine permits it."""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path

import psutil
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

GROUPS = {"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"}  # of versions 1 and 2


@contextlib.contextmanager
def watched(pid, seconds=0.05):
    """Yields a list that begins with the largest proportional set size of that process seen so far, in bytes.

    What several processes share counts in parts. Where the system does not tell, it is the resident size.
    """
    process, peak, over = psutil.Process(pid), [0], threading.Event()

    def sample():
        while not over.wait(seconds):
            try:
                info = process.memory_full_info()
            except psutil.Error:  # it has ended
                return
            peak[0] = max(peak[0], getattr(info, "pss", info.rss))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


@contextlib.contextmanager
def limited(most):
    """Yields the folder of a new control group that allows ``most`` bytes, or None where none can be made."""
    made = None
    for root, limit in GROUPS.items():
        group = Path(root) / f"pack-test-{os.getpid()}"
        if not Path(root, "cgroup.procs").exists():  # an ordinary folder
            continue
        with contextlib.suppress(OSError):  # not permitted, or another version
            group.mkdir()
            made = group
            Path(group, limit).write_text(str(most))
            break
        if made:
            made.rmdir()
            made = None
    try:
        yield made
    finally:
        for _ in range(100 if made else 0):
            with contextlib.suppress(OSError):  # its last process is still ending
                made.rmdir()
                break
            time.sleep(0.1)


def manager(group=None):
    """A kernel manager for NotebookClient, with a kernel of this Python that lives in that control group."""
    join = ["sh", "-c", f'echo $$ > {group}/cgroup.procs && exec "$@"', "sh"] if group else []
    argv = [*join, sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]

    class One(KernelSpecManager):
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(argv=argv, display_name="Python 3", language="python")

    return AsyncKernelManager(kernel_spec_manager=One(), kernel_name="python3")
