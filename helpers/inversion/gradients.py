"""The attackers that turn the gradient of a first dense layer back into the pictures of a batch.

They only read: they change neither the network nor what a client does.
"""

import torch
from torch import nn

from .. import inputs
from .splitnn import check_activations, check_kind, floats


def pictures_from_gradient(weight_gradient, bias_gradient, tolerance=0.002):
    """Pictures that can be read off the gradient of a first dense layer, with no search.

    A row of the weight gradient is a weighted sum of the pictures in the batch; the same entry of the bias gradient
    is the sum of the weights. Where one picture alone activates a unit, row / entry is that picture. Such a row is
    known by its shades: stored pictures have 256, which become numbers from -1 to 1; a mixture lies between them.
    weight_gradient: shape (units, 784). bias_gradient: shape (units,), summed or averaged over the batch alike.
    tolerance: largest distance of a pixel from the nearest shade; two shades are 0.0078 apart.
    Returns the distinct pictures found, shape (m, 784); m may be 0. Raises TypeError or ValueError when the
    gradients are not finite float tensors of such shapes.
    Source: J. Geiping, H. Bauermeister, H. Dröge, M. Moeller, Inverting Gradients, NeurIPS 2020.
    """
    weight_gradient, bias_gradient = _gradients(weight_gradient, bias_gradient)
    tolerance, used = inputs.real("tolerance", tolerance, 0), bias_gradient != 0
    rows = weight_gradient[used] / bias_gradient[used, None]
    stored = (127.5 * (rows + 1)).round().clamp(0, 255)
    pictures = (stored.float() / 127.5 - 1).to(rows)  # as data.scale computes them, to the last digit
    return pictures[(pictures - rows).abs().amax(dim=1) <= tolerance].unique(dim=0)


def peel(weight_gradient, bias_gradient, layer):
    """The pictures of a batch, read off the gradient one after the other: each is taken out once it is known.

    The first pictures come from pictures_from_gradient. Without them the rest is the gradient of a smaller batch, in
    which other units have one picture only. It goes on until no new picture is found.
    weight_gradient: shape (units, 784). bias_gradient: shape (units,). layer: the Linear(784, units) at which the
    gradient was taken; whoever takes part in the training has it.
    Returns the distinct pictures found, shape (m, 784); m may be 0. Raises as pictures_from_gradient does, and
    ValueError for a layer of another shape.
    Source: that silent units and low rank give a batch away: D. Dimitrov, M. Baader, M. Müller, M. Vechev, SPEAR:
    Exact Gradient Inversion of Batches in Federated Learning, NeurIPS 2024. Theirs searches for directions at random.
    """
    weight_gradient, bias_gradient = _gradients(weight_gradient, bias_gradient)
    if check_kind("layer", layer, nn.Linear).weight.shape != weight_gradient.shape:
        raise ValueError(
            f"The layer must be that of the gradient: it has {tuple(layer.weight.shape)}, "
            f"but the gradient {tuple(weight_gradient.shape)}."
        )
    rows = torch.cat([weight_gradient, bias_gradient[:, None]], dim=1).double()
    _, strength, basis = torch.linalg.svd(rows, full_matrices=False)
    noise = torch.finfo(weight_gradient.dtype).eps * strength[0]  # below it, all is rounding
    basis = basis[strength > noise]  # about as many directions as there are pictures: the rest is quicker in these
    rows, new = rows @ basis.T, pictures_from_gradient(weight_gradient, bias_gradient)
    found = new[:0]
    while len(known := torch.cat([found, new]).unique(dim=0)) > len(found):
        for picture in new.double():
            sums = layer(picture.to(layer.weight)).detach()
            silent = sums < -1e-5  # a unit nearer to 0 may be silent or not, after rounding
            rows = _take_out(rows, basis @ torch.cat([picture, picture.new_ones(1)]), silent, noise)
        left, found = rows @ basis, known
        new = pictures_from_gradient(left[:, :-1], left[:, -1]).to(found)
    return found


def _take_out(rows, picture, silent, noise):
    """The rows of a gradient without one picture's share of them.

    Where the picture's units are silent, the rows are mixtures of the others alone. What of the picture these rows
    cannot mix is its own; how much of that stands in a row tells the picture's share.
    rows: shape (units, n), the bias gradient among the columns. picture: shape (n,), with a 1 in that column.
    silent: shape (units,), true where the picture activates no unit. noise: what counts as 0 in the rows.
    Returns rows, shape (units, n): unchanged where the others can mix the whole picture.
    """
    _, strength, others = torch.linalg.svd(rows[silent], full_matrices=False)
    others = others[strength > noise]
    own = picture - others.T @ (others @ picture)
    if own.norm() < 1e-3 * picture.norm():
        return rows
    share = (rows @ own / (own @ picture)).masked_fill(silent, 0)  # a silent unit has no share but rounding
    return rows - share[:, None] * picture


def _gradients(weight_gradient, bias_gradient):
    """Both gradients of one dense layer, finite and of shapes that fit."""
    weight_gradient, bias_gradient = floats("weight_gradient", weight_gradient), floats("bias_gradient", bias_gradient)
    if weight_gradient.ndim != 2 or bias_gradient.shape != weight_gradient.shape[:1]:
        raise ValueError(
            "The gradients of one dense layer have shapes (units, inputs) and (units,), but "
            f"{tuple(weight_gradient.shape)} and {tuple(bias_gradient.shape)} were given."
        )
    check_activations(weight_gradient, None, "The weight gradient", "")
    check_activations(bias_gradient[None], None, "The bias gradient", "")
    return weight_gradient, bias_gradient.to(weight_gradient)
