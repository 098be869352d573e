"""Fixtures: a browser, and a JupyterLab to open in it."""

import os

import browsing
import pytest
from playwright.sync_api import Error, sync_playwright


@pytest.fixture(scope="module")
def browser():
    """A Chromium: Playwright's own, or the system's. Missing, it skips on a laptop and fails in CI."""
    with sync_playwright() as playwright:
        try:
            started = browsing.chromium(playwright)
        except Error as problem:
            message = f"No Chromium or Chrome could be started: {problem}"
            pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
        yield started
        started.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab on a copy of the pack."""
    with browsing.jupyterlab(tmp_path_factory.mktemp("lab")) as address:
        yield address
