"""The drawing pad: draw a digit, and see the activations and the attacker's picture while the pen moves.

The picture is computed in the browser, by pad.js, so that no frame waits for Python. Here stand
what the browser needs to know, and the widget. slides/draw.html holds the same, for use without Python.
"""

import zlib
from pathlib import Path

import anywidget
import numpy as np
import torch
import traitlets

from .. import inputs
from . import attackers, data, splitnn

FOLDER = Path(__file__).parent
DIRECTIONS = 280  # of the activations, for the straight line; the rest of the 500 tells it next to nothing
STROKES = 200  # of the pictures, for the attacker who knows the weights
LEVELS = 31  # weights travel as whole numbers from -31 to 31 and a scale a row: 1.2 MB


def arrays(clients, letters, samples):
    """What the browser computes with, as {group: {name: float32 array}}.

    clients: dict from a name to a SplitNN. letters: the attacker's own pictures, shape (n, 784), as
    floats or as Pictures. samples: a picture of each digit, shape (10, 784).
    A client's straight line is that of inversion.fit_ridge, written in the directions of its activations, so
    that the line which was learned with noise of any variance v is spread / (spread + v) of it in each.
    Raises TypeError and ValueError as check_pictures and, for a ConvSplitNN, check_layer do; ValueError unless there
    are ten samples.
    Source: C. Bishop, Training with Noise is Equivalent to Tikhonov Regularization, 1995.
    """
    if not isinstance(clients, dict) or not clients:
        raise TypeError(f"clients must be a dict from a name to a SplitNN, but {inputs.described(clients)} was given.")
    if len(samples := splitnn.check_pictures(samples)) != 10:
        raise ValueError(f"The pad needs one sample of each of the ten digits, but got {len(samples)} pictures.")
    mean, covariance = attackers.picture_prior(letters)
    variances, strokes = torch.linalg.eigh(covariance.double())
    factor = (strokes * variances.sqrt()).flip(1).T[:STROKES].float()
    groups = {
        "letters": {"mean": mean, "factor": factor},
        "samples": {"pictures": samples},
    }
    for name, client in clients.items():
        layer = splitnn.check_layer(splitnn.check_kind("Each client", client, splitnn.SplitNN).first_part[0])
        groups[name] = _line(client.sent(letters), letters)
        left_out = layer.weight @ (covariance - factor.T @ factor)
        groups[name] |= {
            "weight": layer.weight,
            "bias": layer.bias,
            # What an equation may miss, on average, because the strokes are not all of a picture.
            "slack": (left_out * layer.weight).sum(dim=1).mean()[None],
            "peak": client.sent(samples).max()[None],
        }
    return {
        group: {name: some.detach().cpu().numpy().astype(np.float32) for name, some in named.items()}
        for group, named in groups.items()
    }


def _line(sent, letters):
    """The line of fit_ridge, and the directions of its activations, which fit_ridge does not give.

    In them, noise of any variance only shortens it, so the browser needs no other line for each noise.
    """
    weights = attackers.fit_ridge(sent, letters).double()
    # Without the constant, which nobody adds noise to: its equation is solved for it, and put into the others.
    # The 1 is fit_ridge's penalty.
    total = sum(some.sum(dim=0, dtype=torch.float64) for some in sent.split(splitnn.AT_ONCE))
    centre = total / (len(sent) + 1)
    spread, directions = torch.linalg.eigh((sent.T @ sent).double() - torch.outer(total, centre))
    spread, directions = (spread.flip(0)[:DIRECTIONS] + 1) / len(sent), directions.flip(1).T[:DIRECTIONS]
    line, start = directions @ weights[:-1], weights[-1] + centre @ weights[:-1]
    return {"centre": centre, "start": start, "directions": directions, "spread": spread, "line": line}


def _packed(groups):
    """(header, bytes) of what arrays gave, for unpack in pad.js: rows of whole numbers, a scale each, compressed.

    header: a list of [group, name, rows, columns]; an array of one row stays as it is.
    """
    header, parts = [], []
    for group, named in groups.items():
        for name, some in named.items():
            rows = some.reshape(-1, some.shape[-1])
            header.append([group, name, *rows.shape])
            if len(rows) > 1:
                scales = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12).astype("<f4") / LEVELS
                parts += [scales.astype("<f4").tobytes(), np.round(rows / scales).astype(np.int8).tobytes()]
            else:
                parts.append(rows.astype("<f4").tobytes())
    return header, zlib.compress(b"".join(parts), 9)


class DrawingPad(anywidget.AnyWidget):
    """The pad as a widget. Arguments as those of ``arrays``.

    drawing: what is drawn, 784 integers from 0 (paper) to 255 (ink). picture: the same as an array from -1 to 1.
    It begins with the sample of a 2.
    """

    _esm = (FOLDER / "pad.js").read_text(encoding="utf-8")
    _css = (FOLDER / "pad.css").read_text(encoding="utf-8")
    drawing = traitlets.List(traitlets.Int()).tag(sync=True)

    def __init__(self, clients, letters, samples):
        self.header, self.packed = _packed(arrays(clients, letters, samples))
        super().__init__(drawing=data.unscale(samples[2].cpu()).tolist())
        # Weights go by message when a view asks for them: a trait would be stored in the notebook.
        self.on_msg(lambda pad, content, buffers: pad.send(pad.header, [pad.packed]))

    @property
    def picture(self):
        """What is drawn, a float32 array of shape (784,) from -1 (paper) to 1 (ink)."""
        return data.scale(np.array(self.drawing, np.uint8).reshape(1, 28, 28))[0]
