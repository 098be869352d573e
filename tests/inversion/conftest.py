"""What the tests of *Model inversion* share: a small network, a browser, real handwriting where there is some."""

import os
from pathlib import Path

import pytest
from in_browser import browser, lab  # noqa: F401 (fixtures)
from small_network import small  # noqa: F401 (a fixture)


@pytest.fixture(scope="session")
def real_digits():
    """A folder with MNIST as torchvision reads it, named by the environment variable PRIVACY_TEST_DATA."""
    folder = os.environ.get("PRIVACY_TEST_DATA")
    if not folder:
        pytest.skip("PRIVACY_TEST_DATA names no folder with MNIST/raw")
    return Path(folder)
