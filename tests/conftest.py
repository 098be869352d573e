"""The one option of our own, and what two runs at a time need. Fixtures stand beside their tests, and in tools."""

import os

# Threads that wait for work spin unless told to sleep: two runs of PyTorch on two cores then take four times as long.
# Read when PyTorch is loaded, here and in the kernels that tests start.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def pytest_addoption(parser):
    parser.addoption(
        "--as-on-colab",
        action="store_true",
        help="run solved notebooks from a clone in an empty folder, with a stand-in google.colab",
    )
