"""A stand-in for Google Colab: its module, its empty folder, and an internet in which only the pack exists."""

import ast
import re
import subprocess
from pathlib import Path

from notebooks import stamp

TESTS = Path(__file__).parent.parent
ADDRESS = "https://github.com/someone/failures-in-data-privacy"
PRETEND = """import sys, types
colab = sys.modules['google.colab'] = types.ModuleType('google.colab')
colab.output = types.SimpleNamespace(enable_custom_widget_manager=lambda: None)
"""


def names(file):
    """The packages in a file of requirements or constraints."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return {re.match(r"[\w-]+", line).group() for line in lines if line and not line.startswith("#")}


def has():
    """Packages of ours that Colab has: those it lists, and Pillow, without which Matplotlib does not come."""
    return names(TESTS / "colab-constraints.txt") | {"pillow"}


def lacks():
    """Packages that a notebook may import and Colab lacks. JupyterLab and nbval are no notebook's."""
    return names(TESTS.parent / "requirements.txt") - has() - {"jupyterlab", "nbval"}


def needed(notebook):
    """What the setup cell of ``notebook`` installs on Colab."""
    return set(ast.literal_eval(re.search(r"^NEEDED = (\[.*?\])", notebook.cells[1].source, re.M | re.S).group(1)))


def publish(pack):
    """Stamp ``pack``, a copy, with ADDRESS, and commit it."""
    stamp.stamp(ADDRESS, pack)
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "."],
        ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(command, cwd=pack, check=True)


def internet(folder, pack=None):
    """Environment variables for a git that finds ``pack`` (its folder) under ADDRESS, and nothing else.

    pack: None for a machine without a connection.
    """
    config = folder / "gitconfig"
    here, there = (f"{pack.parent.as_uri()}/", ADDRESS.rsplit("/", 1)[0] + "/") if pack else ("", "https://github.com/")
    config.write_text(f'[url "{here or "http://127.0.0.1:1/"}"]\n\tinsteadOf = "{there}"\n', encoding="utf-8")
    return {"GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
