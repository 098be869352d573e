"""What the tests of *De-anonymisation* share."""

import pytest

from helpers import reidentification
from helpers.reidentification import data


@pytest.fixture(scope="module")
def films():
    return data.film_ratings(iona=True)


@pytest.fixture(scope="module")
def ratings(films):
    return reidentification.index_ratings(films)


@pytest.fixture(scope="module")
def town():
    return data.town()
