"""README's first command for Linux takes PyTorch's CPU builds; resolved against two indexes of made-up wheels."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
import venv
import zipfile

import pytest
from committed import PACK

REQUIREMENTS = (PACK / "requirements.txt").read_text(encoding="utf-8")
OTHERS = [name for name in re.findall(r"^[\w-]+", REQUIREMENTS, re.MULTILINE) if not name.startswith("torch")]


def wheel(index, name, version, needs=()):
    """Put a wheel of an empty package into ``index``, a folder that is a package index when served."""
    folder, stem = index / name, f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        f"Requires-Dist: {n}\n" for n in needs
    )
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as file:
        file.writestr(f"{stem}.dist-info/METADATA", about)
        file.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{stem}.dist-info/RECORD", "")
    links = "".join(f'<a href="{path.name}">{path.name}</a>' for path in sorted(folder.glob("*.whl")))
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")


def torch(index, build, release, needs=()):
    wheel(index, "torch", f"2.{release}.0{build}", ["numpy", *needs])
    wheel(index, "torchvision", f"0.{release + 15}.0{build}", [f"torch==2.{release}.0", "numpy", "pillow"])


@pytest.fixture
def address(tmp_path):
    """Serves a PyPI with a release of PyTorch more than PyTorch's own index, which has an older NumPy and Pillow."""
    pypi, cpu = tmp_path / "pypi", tmp_path / "cpu"
    for release in (13, 14):
        torch(pypi, "", release, ["cuda"])
    torch(cpu, "+cpu", 13)
    wheel(pypi, "cuda", "13.0")
    for name in OTHERS:
        exact = re.search(rf"^{name}==(\S+)", REQUIREMENTS, re.MULTILINE)
        wheel(pypi, name, exact.group(1) if exact else "1000.0")
    for name in ("numpy", "pillow"):
        wheel(cpu, name, "900.0")
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def installed(tmp_path, steps, address):
    """{package: version} after each of ``steps``, the arguments of ``pip install``, in a fresh environment."""
    venv.create(tmp_path / "fresh", with_pip=False)
    python = tmp_path / "fresh" / ("Scripts" if os.name == "nt" else "bin") / "python"
    # Nothing that this machine's settings say of indexes counts.
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    clean |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": f"{address}/pypi", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for step in steps:
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-cache-dir", *step]
        got = subprocess.run(pip, cwd=PACK, env=clean, capture_output=True, text=True)
        assert got.returncode == 0, got.stderr
    found = next((tmp_path / "fresh").rglob("site-packages")).glob("*.dist-info")
    return dict(path.stem.split("-", 1) for path in found)


def test_the_first_command_for_linux_takes_the_cpu_builds(tmp_path, address):
    start = (PACK / "README.md").read_text(encoding="utf-8").split("## Start")[1].split("## The lessons")[0]
    command = next(line for line in start.splitlines() if "whl/cpu" in line)
    steps = [step.split()[2:] for step in command.split(" && ") if " install " in step]
    assert len(steps) == 2
    steps = [
        [word.replace("https://download.pytorch.org/whl/cpu", f"{address}/cpu") for word in step] for step in steps
    ]
    got = installed(tmp_path, steps, address)
    assert (got["torch"], got["torchvision"]) == ("2.13.0+cpu", "0.28.0+cpu") and "cuda" not in got
    assert {name.replace("-", "_") for name in OTHERS} <= got.keys()
    assert got["scipy"] == "1000.0" and got["numpy"] == "900.0"  # what came with PyTorch stays, if it is new enough


def test_the_first_command_elsewhere_takes_the_newest(tmp_path, address):
    got = installed(tmp_path, [["-r", "requirements.txt"]], address)
    assert (got["torch"], got["torchvision"], got["numpy"]) == ("2.14.0", "0.29.0", "1000.0") and "cuda" in got
