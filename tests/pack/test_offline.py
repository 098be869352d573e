"""What test_solved_notebooks relies on: an attempt to reach out is seen, and does not get through."""

import os
import shutil
import sys

import nbformat
import pytest
import running


def attempts_of(*sources, folder, **options):
    """The attempts of a notebook with these cells, and the text that each cell shows."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    attempts = running.offline(notebook, folder, **options)
    return attempts, ["".join(running.shown(cell)).strip() for cell in notebook.cells]


def quietly(source):
    return f"import socket, urllib.request\ntry:\n    {source}\nexcept OSError:\n    print('swallowed')"


def test_every_attempt_to_reach_out_is_seen_though_its_error_is_swallowed(tmp_path):
    (tmp_path / "not_on_colab.py").touch()
    attempts, shown = attempts_of(
        quietly("urllib.request.urlopen('http://example.org')"),
        quietly("socket.create_connection(('192.0.2.1', 443))"),
        quietly("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.2', 53))"),
        quietly("socket.gethostbyname('example.net')"),
        "import subprocess, sys\nsubprocess.run(['git', 'ls-remote', 'https://192.0.2.3/x'], capture_output=True);",
        "import os\nos.system('no-such-program || wget 192.0.2.4 2>&1');",
        "import not_on_colab",
        folder=tmp_path,
        lacking=["not_on_colab"],
    )
    assert shown[:4] == ["swallowed"] * 4
    words = ["example.org", "192.0.2.1", "192.0.2.2", "example.net", "192.0.2.3", "192.0.2.4", "not_on_colab"]
    assert len(attempts) == len(words)
    for attempt, word in zip(attempts, words, strict=True):
        assert word in attempt


def test_what_stays_on_this_machine_is_no_attempt(tmp_path):
    attempts, _ = attempts_of(
        "import socket, subprocess, sys\n"
        "with socket.socket() as free:\n    print(free.connect_ex(('127.0.0.1', 9)))\n"
        "socket.getaddrinfo('localhost', 80); socket.socketpair()",
        "subprocess.run([sys.executable, '-c', 'pass'], check=True)",
        folder=tmp_path,
    )
    assert attempts == []


def test_the_kernel_has_no_network_interface(tmp_path):
    if not running.without_interface():
        reason = "No network namespace here: the audit hook alone keeps notebooks from reaching out."
        if sys.platform == "linux" and shutil.which("unshare") and os.environ.get("CI"):
            pytest.fail(reason + " On Ubuntu: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0")
        pytest.skip(reason)
    # Past the hook, as compiled code would go: by the C library.
    past = (
        "import ctypes, socket, struct\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "address = struct.pack('=H', socket.AF_INET) + struct.pack('!H4s8x', 443, socket.inet_aton('192.0.2.1'))\n"
        "with socket.socket() as free:\n"
        "    print(libc.connect(free.fileno(), address, 16), ctypes.get_errno() == 101)"
    )
    _, shown = attempts_of("import socket\nprint([name for _, name in socket.if_nameindex()])", past, folder=tmp_path)
    assert shown == ["['lo']", "-1 True"]  # 101: network is unreachable
