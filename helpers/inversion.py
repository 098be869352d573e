"""The attackers that turn what a client sends back into its picture, and scores of how well they did.

Pictures are tensors of shape (n, 784) from -1 (paper) to 1 (ink). Every attacker clamps
what it draws to that range: the range is public.
"""

import torch

from .data import scale
from .splitnn import check_activations, check_pictures


def fit_ridge(activations, pictures, penalty=1.0):
    """The straight line from activations to pixels with the least squared error.

    activations: shape (n, width). pictures: shape (n, 784), the attacker's own.
    penalty: how much large weights cost; above 0, it also keeps the system solvable.
    Returns weights, shape (width + 1, 784); the last row is the constant.
    Raises ValueError when n differs or the penalty is not above 0, and as
    check_pictures and check_activations do.
    Source: A. Hoerl, R. Kennard, Ridge Regression, Technometrics 1970.
    """
    check_pictures(pictures)
    check_activations(activations)
    if len(activations) != len(pictures):
        raise ValueError(f"{len(pictures)} pictures and {len(activations)} activations: each picture needs its own.")
    return _solve_ridge(zip(activations.split(8192), pictures.split(8192), strict=True), penalty)


def fit_ridge_from_pixels(model, pixels, penalty=1.0):
    """fit_ridge for very many pictures: only a few thousand at a time stand in memory as floats.

    model: a SplitNN, whose first part the attacker can run. pixels: uint8, shape (n, 28, 28).
    Returns and raises as fit_ridge does, and raises as data.scale does.
    """
    device = next(model.parameters()).device

    def chunks():
        for first in range(0, max(len(pixels), 1), 4096):
            pictures = torch.from_numpy(scale(pixels[first : first + 4096])).to(device)
            yield model.sent(pictures), pictures

    return _solve_ridge(chunks(), penalty)


def _solve_ridge(chunks, penalty):
    """Weights of the ridge regression on all (activations, pictures) in chunks: sums over them are enough."""
    if not penalty > 0:
        raise ValueError(f"The penalty must be above 0, but {penalty} was given.")
    gram = target = 0
    for activations, pictures in chunks:
        inputs = with_constant(activations)
        gram = gram + (inputs.T @ inputs).double()
        target = target + (inputs.T @ pictures).double()
    return torch.linalg.solve(gram + penalty * torch.eye(len(gram), device=gram.device), target).float()


def redraw_ridge(weights, activations):
    """Pictures, shape (n, 784), that the line of fit_ridge draws for activations of shape (n, width)."""
    check_activations(activations, len(weights) - 1)
    return (with_constant(activations) @ weights).clamp(-1, 1)


def with_constant(activations):
    """Activations, shape (n, width), with a column of ones behind them: shape (n, width + 1)."""
    return torch.cat([activations, activations.new_ones(len(activations), 1)], dim=1)


def picture_prior(pictures):
    """Mean, shape (784,), and covariance, shape (784, 784), of an attacker's own pictures.

    A little variance (0.001) is added to every pixel, so that no pixel is thought impossible.
    Raises ValueError for fewer than two pictures, and as check_pictures does.
    """
    check_pictures(pictures)
    if len(pictures) < 2:
        raise ValueError("A covariance needs at least two pictures.")
    return pictures.mean(dim=0), torch.cov(pictures.T) + 1e-3 * torch.eye(784, device=pictures.device)


def redraw_posterior(activations, layer, mean, covariance, noise=1e-4):
    """The most probable pictures, for an attacker who knows the client's weights.

    Each unit that is not silent says w·x + b = activation exactly. Among the pictures
    that obey, this takes the posterior mean under a Gaussian prior.
    activations: shape (n, 500), after the ReLU. layer: the client's Linear(784, 500).
    mean, covariance: from picture_prior. noise: variance granted to each equation.
    Returns pictures, shape (n, 784). Raises as check_activations does.
    Source: C. Bishop, Pattern Recognition and Machine Learning, 2006, section 2.3.3.
    """
    check_activations(activations, layer.out_features)
    weight, bias = layer.weight.detach(), layer.bias.detach()
    from_picture = weight @ covariance
    between_units = from_picture @ weight.T
    surprise = activations - (weight @ mean + bias)
    redrawn = mean.repeat(len(activations), 1)
    for i, active in enumerate(activations > 0):
        if active.any():
            equations = between_units[active][:, active]
            equations = equations + noise * torch.eye(len(equations), device=equations.device)
            redrawn[i] += from_picture[active].T @ torch.linalg.solve(equations, surprise[i, active])
    return redrawn.clamp(-1, 1)


def first_layer_gradient(model, pictures, labels):
    """What a client sends of its first layer in federated learning: the gradient of the loss.

    model: a SplitNN, all of it on the client. pictures: shape (n, 784). labels: integers, shape (n,).
    The loss is the mean cross-entropy of the batch.
    Returns the gradient of the layer's weights, shape (500, 784), and of its constants, shape (500,).
    """
    loss = torch.nn.functional.cross_entropy(model(pictures), labels)
    return torch.autograd.grad(loss, list(model.first_part[0].parameters()))


def pictures_from_gradient(weight_gradient, bias_gradient, tolerance=1e-6):
    """Pictures that can be read off the gradient of a first dense layer, with no search.

    A row of the weight gradient is a weighted sum of the pictures in the batch; the same
    entry of the bias gradient is the sum of the weights. Where one picture alone activates
    a unit, row / entry is that picture. Two rows that agree are such rows.
    weight_gradient: shape (units, 784). bias_gradient: shape (units,).
    tolerance: largest difference of a pixel at which two rows count as the same.
    Returns the distinct pictures found, shape (m, 784); m may be 0.
    Raises ValueError when the shapes do not fit.
    Source: J. Geiping, H. Bauermeister, H. Dröge, M. Moeller, Inverting Gradients, NeurIPS 2020.
    """
    if weight_gradient.ndim != 2 or bias_gradient.shape != weight_gradient.shape[:1]:
        raise ValueError(
            "The gradients of one dense layer have shapes (units, inputs) and (units,), but "
            f"{tuple(weight_gradient.shape)} and {tuple(bias_gradient.shape)} were given."
        )
    used = bias_gradient != 0
    rows = weight_gradient[used] / bias_gradient[used, None]
    found = []
    apart = torch.cdist(rows, rows, p=float("inf"))
    unseen = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
    for i in range(len(rows)):
        same = (apart[i] <= tolerance) & unseen
        if unseen[i] and same.sum() >= 2:
            found.append(rows[i])
            unseen &= ~same
    return torch.stack(found) if found else rows[:0]


# --- how well a reconstruction did -------------------------------------------


def mse(originals, redrawn):
    """Mean squared error of each picture, shape (n,). 0 is a perfect copy; the scale runs to 4."""
    _check_pair(originals, redrawn)
    return ((originals - redrawn) ** 2).mean(dim=1)


def ssim(originals, redrawn):
    """Structural similarity of each picture, shape (n,), from -1 to 1 (a perfect copy).

    Pixels are moved to 0 (paper) to 2 (ink) first: SSIM multiplies local means, so with
    negative pixels an inverted picture would score as similar.
    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, IEEE TIP 2004; computed by scikit-image.
    """
    from skimage.metrics import structural_similarity

    _check_pair(originals, redrawn)
    pairs = zip(originals.cpu().numpy() + 1, redrawn.cpu().numpy() + 1, strict=True)
    return torch.tensor(
        [structural_similarity(a.reshape(28, 28), b.reshape(28, 28), data_range=2) for a, b in pairs],
        dtype=torch.float32,
    )


def fit_reader(pictures, labels):
    """An independent classifier, to say whether a redrawn digit can be read.

    A support vector machine of scikit-learn. Train it on digits that nobody else uses.
    pictures: shape (n, 784). labels: integers, shape (n,). Returns the fitted machine.
    """
    from sklearn.svm import SVC

    check_pictures(pictures)
    return SVC(C=10).fit(pictures.cpu().numpy(), labels.cpu().numpy())


def read(reader, pictures):
    """The digit that ``reader`` reads in each picture, integers of shape (n,)."""
    check_pictures(pictures)
    return torch.from_numpy(reader.predict(pictures.cpu().numpy()))


def found_among_same_digit(originals, redrawn, labels):
    """Whether each redrawn picture leads back to its own original, booleans of shape (n,).

    Among all originals that show the same digit, is hers the nearest (least squared error)?
    This tells *her* 4 from *a* 4: a redrawn class is readable, but leads to nobody.
    """
    _check_pair(originals, redrawn)
    return own_is_nearest(torch.cdist(redrawn, originals), labels)


def own_is_nearest(distances, labels):
    """Whether each thing's own counterpart is the nearest of those with its label: booleans of shape (n,), on the CPU.

    distances: shape (n, n), from each thing (rows) to all counterparts, in the same order; it is
    overwritten. labels: integers, shape (n,).
    """
    labels = torch.as_tensor(labels).to(distances.device)
    distances[labels[:, None] != labels[None, :]] = float("inf")
    return (distances.argmin(dim=1) == torch.arange(len(distances), device=distances.device)).cpu()


def score_table(originals, attempts, labels, reader):
    """A DataFrame that scores several reconstructions of the same pictures, a row each.

    originals: shape (n, 784). attempts: dict from a name to pictures of that shape.
    labels: integers, shape (n,). reader: from fit_reader.
    Columns: MSE; SSIM; read right, % (recognisability); found among same digit, %.
    """
    import pandas as pd

    rows = {}
    for name, redrawn in attempts.items():
        rows[name] = {
            "MSE": mse(originals, redrawn).mean().item(),
            "SSIM": ssim(originals, redrawn).mean().item(),
            "read right, %": 100 * (read(reader, redrawn) == labels.cpu()).float().mean().item(),
            "found among same digit, %": 100 * found_among_same_digit(originals, redrawn, labels).float().mean().item(),
        }
    return pd.DataFrame(rows).T


def _check_pair(originals, redrawn):
    if originals.shape != redrawn.shape or originals.ndim != 2 or len(originals) == 0:
        raise ValueError(
            "Originals and reconstructions must be as many and of the same shape (n, 784), but "
            f"{tuple(originals.shape)} and {tuple(redrawn.shape)} were given."
        )
