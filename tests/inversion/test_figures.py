"""The figures of *Model inversion* state their numbers in words, and refuse what they cannot show."""

import torch

from helpers import inversion
from helpers.inversion import figures


def test_handwriting_has_its_rows_and_captions_in_words_and_escapes_them():
    pictures = torch.linspace(-1, 1, 2 * 784).reshape(2, 784)
    drawn = figures.handwriting({"a": pictures, "b": pictures}, "Title 0", captions=["x", "y"])
    assert drawn.alt == "Title 0. Rows of 2 handwritten pictures: a, b. Captions: x, y."
    page = figures.handwriting({'"><script>': pictures}, "Title")._repr_html_()
    assert "<script>" not in page and 'src="data:image/png;base64,' in page


def test_figures_say_their_numbers():
    checkpoints = [inversion.Checkpoint(step, 0.1, torch.zeros(4, 784)) for step in (0, 5)]
    for words, drawn in {
        "400 are zero": figures.activations(torch.cat([torch.zeros(400), torch.ones(100)]), "Sent"),
        "error on her digits is 1.000": figures.training(checkpoints, 1, torch.ones(4, 784)),
    }.items():
        assert words in drawn.alt
