"""The repository's address: written in one place, stamped by one command, used by the setup cell on Colab."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from conftest import NOTEBOOKS, PACK

from notebooks import stamp

PLACEHOLDER = "https://github.com/-your-account-/failures-in-data-privacy"


@pytest.fixture
def copy(tmp_path):
    """A copy of what holds the address, in a folder called as the repository."""
    pack = tmp_path / "origin" / "failures-in-data-privacy"
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for folder in ("helpers", "notebooks"):
        shutil.copytree(PACK / folder, pack / folder, ignore=ignore)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(PACK / name, pack)
    return pack


def test_stamping_writes_the_address_everywhere(copy):
    old = stamp.address(copy).removeprefix("https://github.com/")
    changed = stamp.stamp("https://github.com/some-university/privacy.course/", copy)
    assert stamp.address(copy) == "https://github.com/some-university/privacy.course"
    assert len(changed) == 2 + len(NOTEBOOKS)
    for path in changed:
        text = path.read_text(encoding="utf-8")
        assert old not in text and "some-university/privacy.course" in text
    for path in (copy / "notebooks").glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


@pytest.mark.parametrize(
    "wrong", ["", "github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b", "https://github.com/a/b c", "x/y"]
)
def test_a_wrong_address_changes_nothing(copy, wrong):
    before = (copy / "pyproject.toml").read_text()
    with pytest.raises(ValueError, match="https://github.com/owner/name"):
        stamp.stamp(wrong, copy)
    assert (copy / "pyproject.toml").read_text() == before


def run_setup(pack, folder, name, colab=True, origin=None):
    """Run the setup cell of a notebook of ``pack`` in ``folder``, on a stand-in Colab."""
    cell = nbformat.read(pack / "notebooks" / name, as_version=4).cells[1].source
    pretend = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n" if colab else ""
    config = folder / "gitconfig"
    if origin:
        config.write_text(f'[url "{origin.parent.as_uri()}/"]\n\tinsteadOf = "https://github.com/someone/"\n')
    else:  # an address that nobody answers
        config.write_text('[url "http://127.0.0.1:1/"]\n\tinsteadOf = "https://github.com/"\n')
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(config), "GIT_CONFIG_NOSYSTEM": "1"}
    after = "\nimport helpers; print(helpers.__file__)"
    command = [sys.executable, "-c", pretend + cell + after]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def test_before_stamping_the_setup_cell_says_so(copy, content, path):
    if stamp.address() != PLACEHOLDER:
        stamp.stamp(PLACEHOLDER.replace("-your-account-", "your-account"), copy)
        copied = copy / "notebooks" / path.name
        text = copied.read_text(encoding="utf-8")
        copied.write_text(text.replace("/your-account/", "/-your-account-/"), encoding="utf-8")
    got = run_setup(copy, content, path.name)
    assert got.returncode and "notebooks/stamp.py" in got.stderr
    assert sorted(content.iterdir()) == [content / "gitconfig"]


def test_on_colab_it_clones_and_finds_the_helpers(copy, content, path):
    stamp.stamp("https://github.com/someone/failures-in-data-privacy", copy)
    for command in (
        ["git", "init", "-q", "-b", "main"],
        ["git", "add", "."],
        ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", "x"],
    ):
        subprocess.run(command, cwd=copy, check=True)
    for _ in range(2):  # the second run finds the clone
        got = run_setup(copy, content, path.name, origin=copy)
        assert got.returncode == 0, got.stderr
        assert got.stdout.strip().startswith(str(content))


def test_an_unreachable_address_says_what_to_do(copy, content, path):
    stamp.stamp("https://github.com/someone/failures-in-data-privacy", copy)
    got = run_setup(copy, content, path.name)
    assert got.returncode and "Check the address and your connection" in got.stderr


def test_elsewhere_it_only_finds_the_helpers(copy, content, path):
    got = run_setup(copy, copy / "notebooks", path.name, colab=False)
    assert got.returncode == 0, got.stderr
    assert got.stdout.strip().startswith(str(copy))
