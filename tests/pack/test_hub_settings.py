"""The settings for a class in slides/README.md: what they name exists in the charts' and programs' documentation."""

import re
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import yaml
from committed import NOTEBOOKS, PACK

PAGE = (PACK / "slides" / "README.md").read_text(encoding="utf-8")
SECTION = PAGE.split("## For a class")[1].split("\n## ")[0]
# The keys that Zero to JupyterHub's chart knows there, with their types: its jupyterhub/values.schema.yaml, which
# refuses all others.
CHART = {
    "singleuser": {
        "image": {"name": str, "tag": str, "pullPolicy": str},
        "memory": {"limit": (int, float, str), "guarantee": (int, float, str)},
        "cpu": {"limit": (int, float), "guarantee": (int, float)},
        "extraEnv": {"OMP_NUM_THREADS": str},  # any name; Kubernetes takes strings only
    },
    "cull": {"enabled": bool, "timeout": int, "every": int, "maxAge": int, "users": bool},
}
# The Littlest JupyterHub: its pages tljh-config and "Culling idle notebook servers".
LITTLEST = {"limits.memory", "limits.cpu", "services.cull.timeout", "services.cull.every"}


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL).group(1)


def fits(values, known):
    """Whether ``values`` have only keys of ``known``, with values of its types, at every depth."""
    if not isinstance(known, dict):
        return isinstance(values, known)
    return isinstance(values, dict) and all(key in known and fits(values[key], known[key]) for key in values)


def gigabytes(size):
    return float(re.fullmatch(r"([\d.]+)G", size).group(1))


def test_the_chart_knows_the_settings():
    values = yaml.safe_load(block("yaml"))
    assert fits(values, CHART)
    user = values["singleuser"]
    assert gigabytes(user["memory"]["guarantee"]) <= gigabytes(user["memory"]["limit"])
    assert user["cpu"]["guarantee"] <= user["cpu"]["limit"]
    # What is set aside for all students fits what the table plans: or some of them would wait for a place.
    planned = re.findall(r"^\| (\d+) \| (\d+) GiB \| (\d+) \|$", SECTION, re.MULTILINE)
    assert len(planned) == 3
    for students, memory, cores in planned:
        assert int(students) * gigabytes(user["memory"]["guarantee"]) <= int(memory)  # JupyterHub's G is a GiB
        assert int(students) * user["cpu"]["guarantee"] <= int(cores)
    assert values["cull"]["enabled"] and values["cull"]["timeout"] >= 3000  # a lesson in which one only listens


def test_a_key_that_the_chart_does_not_know_is_found():
    assert not fits({"singleuser": {"memory": {"request": "1G"}}}, CHART)
    assert not fits({"singleuser": {"extraEnv": {"OMP_NUM_THREADS": 1}}}, CHART)


def test_both_hubs_have_the_same_limits_and_threads():
    values, commands = yaml.safe_load(block("yaml")), block("sh")
    settings = dict(re.findall(r"tljh-config set (\S+) (\S+)", commands))
    assert settings.keys() <= LITTLEST
    assert settings["limits.memory"] == values["singleuser"]["memory"]["limit"]
    assert float(settings["limits.cpu"]) == values["singleuser"]["cpu"]["limit"]
    assert int(settings["services.cull.timeout"]) == values["cull"]["timeout"]
    environment = re.search(r"c\.Spawner\.environment = (\{.*?\})'", commands).group(1)
    assert yaml.safe_load(environment) == values["singleuser"]["extraEnv"]


def test_the_link_opens_a_notebook_of_the_pack():
    link = urlsplit(block("text").strip())
    asked = {key: value for key, [value] in parse_qs(link.query, strict_parsing=True).items()}
    assert link.path == "/hub/user-redirect/git-pull" and asked.keys() == {"repo", "branch", "urlpath"}
    # nbgitpuller clones into a folder called as the repository.
    folder = asked["repo"].rsplit("/", 1)[1]
    assert asked["urlpath"] in {f"lab/tree/{folder}/notebooks/{path.name}" for path in NOTEBOOKS}


def test_the_image_is_made_as_the_readme_says():
    steps = re.findall(r"pip install (?:--no-cache-dir )?(.+?)(?: &&|$)", block("dockerfile"), re.MULTILINE)
    assert steps == [
        "torch torchvision --index-url https://download.pytorch.org/whl/cpu",
        "nbgitpuller -r requirements.txt",
    ]
    assert f"pip install {steps[0]} &&" in (PACK / "README.md").read_text(encoding="utf-8")


def test_the_classroom_that_measures_them_starts_and_refuses_an_empty_class():
    command = [sys.executable, PACK / "tests" / "benchmarks" / "classroom.py", "--students", "2", "0"]
    got = subprocess.run(command, capture_output=True, text=True)
    assert got.returncode == 2 and "--students, --threads and --at-once are 1 or more" in got.stderr
