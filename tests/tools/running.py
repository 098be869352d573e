"""Run notebooks as the tests need them: without a network, and compared with what is stored."""

import ast
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

from notebooks import minutes

WATCHED_KERNEL = Path(__file__).parent / "watched_kernel.py"
TIMEOUT = 900  # seconds a cell: only to end a test that hangs, on however slow a machine


def text_of(outputs):
    """The text of outputs, stored or from a kernel: all that was printed, then that of each result."""
    printed = "".join(output["text"] for output in outputs if "text" in output)
    return [printed, *(output.get("data", {}).get("text/plain", "") for output in outputs if "text" not in output)]


def shown(cell):
    """The text that a code cell shows: all that it printed, then the text of each result (a figure's alt text)."""
    return text_of(cell.outputs)


def parts(notebook):
    """The opening, which every section needs, and the sections: lists of code cells. A section begins at a "## "."""
    found = [[cell for cell in cells if cell.cell_type == "code"] for _, cells in minutes.sections(notebook)]
    opening, *sections = found
    return opening, [section for section in sections if section]


def imports(notebook):
    """The code of the imports of ``notebook``, those inside its sections, too."""
    tree = ast.parse("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code"))
    return "\n".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))


def without_interface():
    """The start of a command line that runs what follows in a network namespace without any interface that is up.

    None where this machine has no such thing or does not permit it.
    """
    for start in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if sys.platform == "linux" and shutil.which("unshare"):
            if subprocess.run([*start, "true"], capture_output=True).returncode == 0:
                return start
    return None


def offline(notebook, folder, lacking=(), environment=None):
    """Execute ``notebook`` in place in ``folder``, in a kernel that is watched and, where possible, has no network.

    lacking: packages whose import counts as an attempt. environment: variables to add.
    Returns the attempts to reach out, one line each. Raises nbclient's CellExecutionError when a cell fails.
    """
    namespace = without_interface()
    # A short path: those of sockets hold about a hundred characters.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        kernel = Path(name) / "kernels" / "watched"
        kernel.mkdir(parents=True)
        log = Path(name) / "attempts"
        log.touch()
        spec = {
            "argv": [*(namespace or []), sys.executable, str(WATCHED_KERNEL), "-f", "{connection_file}"],
            "display_name": "Watched",
            "language": "python",
            "env": {"WATCHED": str(log), "LACKING": " ".join(lacking), **(environment or {})},
        }
        (kernel / "kernel.json").write_text(json.dumps(spec))
        manager = AsyncKernelManager(
            kernel_name="watched",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(kernel.parent)]),
            # Without an interface there is no 127.0.0.1 to talk over either: sockets in files are left.
            transport="ipc" if namespace else "tcp",
            connection_file=str(Path(name) / "k.json"),
        )
        resources = {"metadata": {"path": str(folder)}}
        client = NotebookClient(notebook, km=manager, timeout=TIMEOUT, startup_timeout=TIMEOUT, resources=resources)
        client.execute(cleanup_kc=True)
        return log.read_text(encoding="utf-8").splitlines()
