"""The figures of *Encryption pitfalls* state their numbers in words."""

import numpy as np
import pytest

from helpers.encryption import figures


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1e-9, "under a millisecond"), (0.0123, "12 ms"), (1, "1 second"), (6.67, "6.7 seconds"), (7200, "2 hours"),
        (3 * 86_400, "3 days"), (1e12, "31,688 years"), (1e18, "31.7 billion years"), (1e21, "over a trillion years"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds, expected):
    assert figures._duration(seconds) == expected


def test_figures_say_their_numbers():
    picture = np.zeros((16, 16), np.uint8)
    assert "ciphertext" in figures.cipher_pictures(picture, {"ciphertext": bytes(256)}, "A title").alt
    rates = {"loop": 1e6, "card": 1e11}
    assert "10 million identifiers, loop: 10 seconds" in figures.time_to_try(rates, "loop", 10, "digits", 7).alt
    alt = figures.length_counts({"a": 100, "b": 200, "c": 200}, "Lengths", hers="b").alt
    assert "3 pages have 2 different lengths; 1 are alone" in alt and "one of 2 with" in alt
    alt = figures.surfacing(b"Dear $x$", b"Dear You", {"us": {2: 0.25, 3: 0.5}}, "us", 3).alt
    assert "Dear ···" in alt and "50%" in alt
    assert "60%" in figures.two_rankings({"abc": 0.6, "def": 0.4}, {"flu": 0.6, "burn": 0.4}, "T").alt
