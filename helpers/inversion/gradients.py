"""The attackers that turn the gradient of a first dense layer back into the pictures of a batch."""

import torch

from .. import inputs
from .splitnn import floats


def pictures_from_gradient(weight_gradient, bias_gradient, tolerance=1e-6):
    """Pictures that can be read off the gradient of a first dense layer, with no search.

    A row of the weight gradient is a weighted sum of the pictures in the batch; the same entry of the bias gradient
    is the sum of the weights. Where one picture alone activates a unit, row / entry is that picture. Two rows that
    agree are such rows.
    weight_gradient: shape (units, 784). bias_gradient: shape (units,).
    tolerance: largest difference of a pixel at which two rows count as the same.
    Returns the distinct pictures found, shape (m, 784); m may be 0. Raises ValueError when the shapes do not fit.
    Source: J. Geiping, H. Bauermeister, H. Dröge, M. Moeller, Inverting Gradients, NeurIPS 2020.
    """
    weight_gradient, bias_gradient = floats("weight_gradient", weight_gradient), floats("bias_gradient", bias_gradient)
    if weight_gradient.ndim != 2 or bias_gradient.shape != weight_gradient.shape[:1]:
        raise ValueError(
            "The gradients of one dense layer have shapes (units, inputs) and (units,), but "
            f"{tuple(weight_gradient.shape)} and {tuple(bias_gradient.shape)} were given."
        )
    tolerance, used = inputs.real("tolerance", tolerance, 0), bias_gradient != 0
    rows = weight_gradient[used] / bias_gradient[used, None]
    same = torch.cdist(rows, rows, p=float("inf")) <= tolerance
    seen_before = same.tril(-1).any(dim=1)
    return rows[(same.sum(dim=1) >= 2) & ~seen_before]
