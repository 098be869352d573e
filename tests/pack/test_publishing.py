"""A copy of the pack publishes itself: the workflow's shell steps, run against a repository on this disk.

What only GitHub can do is left: its schema judges the workflow, and this file what it may do and in which order.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
import yaml
from committed import NOTEBOOKS, PACK

from helpers import challenge
from helpers.challenge import issue
from notebooks import stamp, student

WORKFLOWS = sorted((PACK / ".github" / "workflows").glob("*.yml"))
PUBLISH = yaml.safe_load((PACK / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8"))
JOBS = PUBLISH["jobs"]


# A git without this machine's settings. What is thrown away at once is not compressed: that is faster.
GIT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
GIT |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_COUNT": "1"}
GIT |= {"GIT_CONFIG_KEY_0": "core.compression", "GIT_CONFIG_VALUE_0": "0"}


def git(folder, *arguments):
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@t.invalid", *arguments]
    got = subprocess.run(command, cwd=folder, env=GIT, check=True, capture_output=True, text=True)
    return got.stdout.strip()


def whole(folder):
    """A copy of all that the pack commits, in ``folder``."""
    ignore = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for path in (PACK / name for name in student.TOP):
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=ignore)
        else:
            shutil.copy(path, folder)
    return folder


@pytest.fixture
def pack(tmp_path):
    (tmp_path / "pack").mkdir()
    return whole(tmp_path / "pack")


def files(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


# --- by their schemas ---------------------------------------------------------


@pytest.mark.parametrize(
    "schema, more",
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.citation-file-format", ["--default-filetype", "yaml", PACK / "CITATION.cff"]),
    ],
)
def test_it_is_valid_by_its_schema(schema, more):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, more)]
    got = subprocess.run(command, capture_output=True, text=True)
    assert got.returncode == 0, got.stdout + got.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned(path):
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v[\d.]+|\./\.github/workflows/test\.yml", action), action


def test_no_job_may_do_more_than_it_needs():
    assert PUBLISH["permissions"] == {}
    assert {name: job.get("permissions") for name, job in JOBS.items()} == {
        "links": {"contents": "write"},
        "test": {"contents": "read"},
        "pages-on": {"pages": "read"},
        "site": {"contents": "read"},
        "pages": {"pages": "write", "id-token": "write"},
    }
    shell = "".join(step.get("run", "") for job in JOBS.values() for step in job.get("steps", []))
    assert "${{" not in shell  # a branch's name is data: it comes by the environment, and runs nothing


def test_the_website_comes_after_the_tests_from_the_commit_that_they_tested():
    assert JOBS["pages"]["needs"] == "site" and set(JOBS["site"]["needs"]) == {"links", "pages-on"}
    assert JOBS["pages-on"]["needs"] == "test" and JOBS["test"]["needs"] == "links"
    commit = "${{ needs.links.outputs.commit }}"
    assert "commit" in JOBS["links"]["outputs"] and JOBS["test"]["with"] == {"ref": commit}
    tested = yaml.safe_load((PACK / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    checkouts = {
        name: step.get("with") for name, job in (JOBS | tested).items() for step in job.get("steps", [])
        if "actions/checkout" in step.get("uses", "")
    }  # fmt: skip
    kept = {"persist-credentials": False}  # but by the one that pushes
    assert checkouts == {
        "links": {"ref": "${{ github.ref }}"},
        "site": {"ref": commit} | kept,
        **dict.fromkeys(tested, {"ref": "${{ inputs.ref }}"} | kept),
    }


# --- the copy for students ----------------------------------------------------


def test_students_get_the_same_less_outputs(pack, tmp_path):
    student.copy(tmp_path / "copy", pack)
    ours, theirs = files(pack), files(tmp_path / "copy")
    workflows = {f".github/workflows/{path.name}" for path in WORKFLOWS}
    solved = {f"tests/challenge/{path.name}" for path in (PACK / "tests" / "challenge").glob("*.py")}
    assert ours.keys() - theirs.keys() == workflows | solved | {"tests/tools/challenge_attackers.py"}
    assert theirs.keys() <= ours.keys() and len(theirs) > 100
    for name, path in theirs.items():
        if not name.endswith(".ipynb"):
            assert path.read_bytes() == ours[name].read_bytes(), name
            assert not re.search(rb"import\s+challenge_attackers", path.read_bytes()), name
            continue
        solved, unsolved = (json.loads(one.read_text(encoding="utf-8")) for one in (ours[name], path))
        for before, after in zip(solved["cells"], unsolved["cells"], strict=True):
            if before["cell_type"] == "code":
                assert after["outputs"] == [] and after["execution_count"] is None
                after |= {"outputs": before["outputs"], "execution_count": before["execution_count"]}
        again = json.dumps(unsolved, indent=1, ensure_ascii=False) + "\n"
        assert again.encode() == ours[name].read_bytes(), name


@pytest.mark.parametrize("kind", ["a checkout", "all is added", "no repository", "no git"])
def test_nothing_of_a_class_comes_along(tmp_path, monkeypatch, kind):
    ours = [".gitignore", "README.md", "helpers/challenge/keys.py", "notebooks/01_a.ipynb", "slides/01_a.html"]
    theirs = ["notebooks/class.key", "notebooks/points.csv", "notebooks/challenge.json", "slides/students.csv"]
    ada = issue.folder_of(challenge.Source(bytes(32), "Ada Quick"))
    theirs += [f"notebooks/{ada}/{name}" for name in ("challenge.json", "1 log.csv", "my.ipynb")]
    named = [*theirs, "helpers/.venv-old/bin/run"]  # by .gitignore
    theirs = [*named, "helpers/tried/challenge.json", "helpers/tried/deep/solution.py", "grades.csv"]
    for name in [*ours, *theirs]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy(PACK / ".gitignore", tmp_path)
    if kind in ("a checkout", "all is added"):
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", *(ours if kind == "a checkout" else ["--all"]))
        assert not {*named} & {*git(tmp_path, "ls-files").splitlines()}
    elif kind == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    assert [path.as_posix() for path in student.handed_out(tmp_path)] == ours


def test_of_a_checkout_students_get_what_git_tracks_as_it_lies_there(pack, tmp_path):
    git(pack, "init", "-q")
    git(pack, "add", "--all")
    (pack / "notebooks" / "marks of group 2.xlsx").touch()
    (pack / "CITATION.cff").unlink()
    (pack / "README.md").write_text("changed, and not added")
    student.copy(tmp_path / "copy", pack)
    assert not (tmp_path / "copy" / "notebooks" / "marks of group 2.xlsx").exists()
    assert (tmp_path / "copy" / "README.md").read_text() == "changed, and not added"


def test_help_by_ai_is_switched_off_by_one_setting(pack, tmp_path):
    settings = pack / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("generative_ai_disabled = false", "generative_ai_disabled = true"))
    assert settings.read_text() != text
    student.copy(tmp_path / "copy", pack)
    for path in NOTEBOOKS:
        copied = json.loads((tmp_path / "copy" / "notebooks" / path.name).read_text(encoding="utf-8"))
        assert copied["metadata"]["colab"] == {
            "generative_ai_disabled": True, "name": path.name, "toc_visible": True,
        }  # fmt: skip


def test_a_folder_in_use_or_in_the_pack_is_refused_and_left_as_it_is(tmp_path):
    (tmp_path / "thesis").write_text("chapter 1")
    for target in (tmp_path, tmp_path / "thesis"):
        with pytest.raises(SystemExit, match="not an empty folder. Nothing was written"):
            student.main([str(target)])
    with pytest.raises(SystemExit, match="inside the pack. Nothing was written"):
        student.main([str(PACK / "for-students")])
    with pytest.raises(SystemExit, match="thesis.+Give another folder"):
        student.main([str(tmp_path / "thesis" / "copy")])
    with pytest.raises(SystemExit, match="python notebooks/student.py FOLDER"):
        student.main([])
    assert not (PACK / "for-students").exists() and [path.name for path in tmp_path.iterdir()] == ["thesis"]


def test_pytest_says_where_it_stands_in_a_copy_for_students(pack, tmp_path):
    student.copy(tmp_path / "copy", pack)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    got = subprocess.run(command, cwd=tmp_path / "copy", capture_output=True, text=True)
    assert got.returncode == pytest.ExitCode.USAGE_ERROR
    assert "this is a copy for students" in got.stdout + got.stderr


# --- the workflow's steps -----------------------------------------------------


class GitHub:
    """A repository on this disk, with the pack as its first commit, and the machine that runs the job ``links``."""

    def __init__(self, folder, pack, name, branch):
        self.folder, self.pack, self.name, self.branch = folder, pack, name, branch
        self.bare = folder / "origin.git"
        git(folder, "init", "-q", "--bare", "-b", branch, str(self.bare))
        git(pack, "init", "-q", "-b", branch)
        git(pack, "remote", "add", "origin", self.bare.as_uri())
        self.push("first")

    def push(self, message):
        git(self.pack, "add", "--all")
        git(self.pack, "commit", "-q", "--allow-empty", "-m", message)
        git(self.pack, "push", "-q", "origin", self.branch)

    def run(self, only_new="--new"):
        """Run the job's shell steps in a fresh, shallow clone, as the service does. Returns what they wrote."""
        machine = self.folder / "machine"
        shutil.rmtree(machine, ignore_errors=True)
        (machine / "temp").mkdir(parents=True)
        git(machine, "clone", "-q", "--depth", "1", self.bare.as_uri(), "checkout")
        environment = {
            **GIT,
            "PATH": os.pathsep.join([str(self.folder / "bin"), os.environ["PATH"]]),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": self.name,
            "GITHUB_REF_NAME": self.branch,
            "RUNNER_TEMP": str(machine / "temp"),
            "GITHUB_OUTPUT": str(machine / "output"),
            "GITHUB_STEP_SUMMARY": str(machine / "summary"),
            "ONLY_NEW": only_new,
        }
        said = ""
        for step in JOBS["links"]["steps"]:
            if "run" in step:
                assert set(step.get("env", {})) <= environment.keys()
                got = subprocess.run(
                    ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                    cwd=machine / "checkout", env=environment, capture_output=True, text=True,
                )  # fmt: skip
                assert got.returncode == 0, got.stdout + got.stderr
                said += got.stdout
        assert (machine / "output").read_text().strip() == f"commit={self.at(self.branch)}"
        return said

    def summary(self):
        return (self.folder / "machine" / "summary").read_text(encoding="utf-8")

    def at(self, branch):
        return git(self.bare, "rev-parse", branch)

    def text(self, branch, path):
        return git(self.bare, "show", f"{branch}:{path}")


@pytest.fixture
def github(tmp_path, pack):
    """Makes a GitHub of a name and a default branch, with an ordinary Python called python3."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").symlink_to(sys.executable)
    if stamp.address(pack) != stamp.PLACEHOLDER:
        stamp.stamp(stamp.PLACEHOLDER.replace("-your-account-", "your-account"), pack)
        for path in files(pack).values():
            if path.suffix in (".toml", ".md", ".cff", ".ipynb"):
                text = path.read_text(encoding="utf-8").replace("/your-account/", "/-your-account-/")
                path.write_text(text, encoding="utf-8", newline="\n")
    return lambda name="someone/course", branch="main": GitHub(tmp_path, pack, name, branch)


posix = pytest.mark.skipif(sys.platform == "win32", reason="the workflow's steps run on Ubuntu")


@posix
@pytest.mark.parametrize(
    "name, branch",
    [
        ("someone/failures-in-data-privacy", "main"),
        ("Some-University/Privacy.Course_2", "autumn-2026"),
        ("a/b", "teach/summer"),
    ],
)
def test_a_first_push_writes_the_address_and_makes_the_branch_for_students(github, name, branch):
    hub = github(name, branch)
    hub.run()
    assert git(hub.bare, "rev-list", "--count", branch) == "2"
    text = hub.text(branch, "README.md")
    assert "-your-account-" not in text
    for path in NOTEBOOKS:
        link = f"https://colab.research.google.com/github/{name}/blob/student/notebooks/{path.name}"
        assert link in text
        place = urlsplit(link).path.removeprefix(f"/github/{name}/blob/").partition("/")
        notebook = json.loads(hub.text(place[0], place[2]))  # where the link leads, something is
        assert not any(cell.get("outputs") for cell in notebook["cells"])
        assert f'REPOSITORY = "https://github.com/{name}"' in "".join(notebook["cells"][1]["source"])
    for badge in (f"https://mybinder.org/v2/gh/{name}/student", f"https://codespaces.new/{name}/tree/student"):
        assert badge in text
    assert hub.text("student", ".binder/postBuild") and ".github/workflows" not in git(
        hub.bare, "ls-tree", "-r", "--name-only", "student"
    )
    pull = hub.summary().splitlines()[-1]
    assert "`git pull`" in pull and pull in (PACK / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    before = hub.at(branch), hub.at("student")
    hub.run()
    assert pull not in hub.summary()
    assert (hub.at(branch), hub.at("student")) == before


@posix
def test_a_later_push_adds_to_the_branch_for_students_and_takes_nothing_away(github):
    hub = github()
    hub.run()
    with pytest.raises(subprocess.CalledProcessError):
        hub.push("without the workflow's commit")
    git(hub.pack, "pull", "-q", "--rebase", "origin", "main")
    first = hub.at("student")
    (hub.pack / "helpers" / "new.py").write_text("new = True\n")
    (hub.pack / "requirements.txt").write_text("torch\n")
    hub.push("a change")
    hub.run()
    assert git(hub.bare, "rev-list", "student").split() == [hub.at("student"), first]
    changed = git(hub.bare, "diff", "--name-only", first, "student").split()
    assert changed == ["helpers/new.py", "requirements.txt"]


@posix
def test_an_address_that_somebody_wrote_stays_unless_somebody_says_so(github):
    hub = github("copier/course")
    stamp.stamp("https://github.com/author/course", hub.pack)
    hub.push("the author's address")
    before = hub.at("main")
    assert "The links lead to https://github.com/author/course already" in hub.run()
    assert hub.at("main") == before
    hub.run(only_new="")
    assert "github.com/copier/course" in hub.text("main", "pyproject.toml")
    assert "author/course" not in hub.text("main", "README.md")


@posix
@pytest.mark.parametrize(
    "answer, output, says",
    [
        ("workflow", "source=workflow", ""),
        ("legacy", "", "GitHub Actions"),
        ('{"status": "404"}', "", "GitHub Actions"),
    ],
)
def test_without_pages_the_workflow_says_what_to_choose(tmp_path, answer, output, says):
    (tmp_path / "gh").write_text(f"#!/bin/sh\necho '{answer}'\n[ '{answer}' = workflow ] || exit 1\n")
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "output").touch()
    files = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    environment = GIT | files | {"GITHUB_REPOSITORY": "a/b", "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    run = JOBS["pages-on"]["steps"][0]["run"]
    got = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run],
        env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert (tmp_path / "output").read_text().strip() == output and says in got.stdout
    assert bool(got.stdout) == bool(says)


# --- Binder and Codespaces ----------------------------------------------------


@posix
def test_binder_and_codespaces_install_the_packs_own_requirements_after_torch_for_cpus(tmp_path, pack):
    told = tmp_path / "told"
    (tmp_path / "pip").write_text(f'#!/bin/sh\necho "$PWD $*" >> "{told}"\n')
    (tmp_path / "pip").chmod(0o755)
    settings = json.loads((pack / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    for command in ("./.binder/postBuild", settings["onCreateCommand"]):  # Binder runs the file itself
        path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
        subprocess.run(["bash", "-c", command], cwd=pack, env={**os.environ, "PATH": path}, check=True)
        torch, rest = told.read_text().splitlines()
        assert "torch torchvision --index-url https://download.pytorch.org/whl/cpu" in torch
        assert rest.startswith(f"{pack} ") and rest.endswith("-r requirements.txt")
        told.unlink()


def test_binder_and_codespaces_have_one_python():
    settings = json.loads((PACK / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    version = settings["image"].removeprefix("mcr.microsoft.com/devcontainers/python:")
    assert (PACK / ".binder" / "runtime.txt").read_text().strip() == f"python-{version}"
    assert {path.name for path in (PACK / ".binder").iterdir()} == {"runtime.txt", "postBuild"}
