"""A kernel that is about to run out of memory says so before."""

import subprocess
import sys

import misuse
import psutil
import pytest

from helpers import memory

GB = 10**9


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"memory.{name}").write_text(f"{content}\n")


def left(tmp_path, table):
    (tmp_path / "table").write_text(table)
    return sorted(memory._left_in_groups(tmp_path / "table", tmp_path))


def test_groups_of_version_1_and_those_above_them(tmp_path):
    stat = "cache 9\ntotal_active_file 100\ntotal_inactive_file 20\n"
    group(tmp_path / "memory" / "hub", limit_in_bytes=5000, usage_in_bytes=4000, stat=stat)
    group(tmp_path / "memory" / "hub" / "iona", limit_in_bytes=2**63 - 4096, usage_in_bytes=300, stat=stat)
    assert left(tmp_path, "9:pids:/other\n4:cpu,memory:/hub/iona\n0::/\n") == [1120, 2**63 - 4096 - 300 + 120]


def test_groups_of_version_2(tmp_path):
    stat = "anon 9\nactive_file 100\ninactive_file 20\n"
    group(tmp_path / "hub", max="max", current=4000, stat=stat)
    group(tmp_path / "hub" / "iona", max=5000, current=4500, stat=stat)
    assert left(tmp_path, "0::/hub/iona\n") == [620]


def test_a_container_that_sees_only_its_own_group(tmp_path):
    group(tmp_path, max=5000, current=4500, stat="active_file 0\n")
    assert left(tmp_path, "0::/docker/0123\n") == [500]


def test_elsewhere_there_are_no_groups(tmp_path):
    assert list(memory._left_in_groups(tmp_path / "none", tmp_path)) == []


@pytest.mark.parametrize(
    ("free", "groups", "there"), [(9, [], None), (0.8, [], None), (0.3, [], "0.40"), (9, [3 * GB, GB // 5], "0.30")]
)
def test_it_speaks_where_there_is_too_little_and_only_there(monkeypatch, capsys, free, groups, there):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("", (), {"available": int(free * GB)}))
    monkeypatch.setattr(psutil.Process, "memory_info", lambda self: type("", (), {"rss": GB // 10}))
    monkeypatch.setattr(memory, "_left_in_groups", lambda: groups)
    memory.check(0.8)
    said = " ".join(capsys.readouterr().out.split())
    if there:
        assert said.startswith(f"This notebook needs 0.8 GB of memory, and there is only {there} GB")
        assert "Colab" in said
    else:
        assert said == ""


def test_where_nobody_can_tell_it_is_silent(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "psutil", None)
    memory.check(1e6)
    assert memory.available() is None and capsys.readouterr().out == ""


def test_here_it_knows_and_imports_nothing_large():
    code = (
        "import sys; from helpers import memory; memory.check(1e6); "
        "print(memory.available() > 1e7, *{'torch', 'pandas', 'matplotlib'} & sys.modules.keys())"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.startswith("This notebook needs 1e+06 GB") and said.splitlines()[-1] == "True"


def test_bad_input_gets_a_sentence():
    assert list(misuse.faults(memory.check, {"needed": 1e-9}, {"needed": ["a fraction"]})) == []
    assert misuse.public(memory) == {memory.check, memory.available}
