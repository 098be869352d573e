"""How well a reconstruction did."""

import torch

from .. import inputs
from ..progress import bar
from .splitnn import check_labels, check_pictures, floats


def mse(originals, redrawn):
    """Mean squared error of each picture, shape (n,). 0 is a perfect copy; the scale runs to 4."""
    originals, redrawn = _pair(originals, redrawn)
    return ((originals - redrawn) ** 2).mean(dim=1)


def ssim(originals, redrawn):
    """Structural similarity of each picture, shape (n,), from -1 to 1 (a perfect copy).

    Pixels are moved to 0 (paper) to 2 (ink) first: SSIM multiplies local means, so with negative pixels an inverted
    picture would score as similar.
    Source: Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, IEEE TIP 2004; computed by scikit-image.
    """
    from skimage.metrics import structural_similarity

    pairs = zip(*(some.detach().cpu().numpy() + 1 for some in _pair(originals, redrawn)), strict=True)
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

    pictures = check_pictures(pictures).detach().cpu().numpy()
    return SVC(C=10).fit(pictures, check_labels(labels, len(pictures)).numpy())


def read(reader, pictures):
    """The digit that ``reader``, from fit_reader, reads in each picture, integers of shape (n,)."""
    if not callable(getattr(reader, "predict", None)):
        raise TypeError(f"reader must be a fitted one, from fit_reader, but {inputs.described(reader)} was given.")
    return torch.from_numpy(reader.predict(check_pictures(pictures).detach().cpu().numpy()))


def found_among_same_digit(originals, redrawn, labels):
    """Whether each redrawn picture leads back to its own original, booleans of shape (n,).

    Among all originals that show the same digit, is hers the nearest (least squared error)? This tells *her* 4 from
    *a* 4: a redrawn class is readable, but leads to nobody.
    """
    originals, redrawn = _pair(originals, redrawn)
    return own_is_nearest(torch.cdist(redrawn, originals), labels)


def own_is_nearest(distances, labels):
    """Whether each thing's own counterpart is the nearest of those with its label: booleans of shape (n,), on the CPU.

    distances: tensor, shape (n, n), from each thing (rows) to all counterparts, in the same order; it is
    overwritten. labels: integers, shape (n,).
    """
    if not isinstance(distances, torch.Tensor) or distances.ndim != 2 or distances.diagonal().numel() != len(distances):
        raise TypeError(f"distances must be a tensor of shape (n, n), but {inputs.described(distances)} was given.")
    labels = check_labels(labels, len(distances), device=distances.device)
    distances[labels[:, None] != labels[None, :]] = torch.inf
    return (distances.argmin(dim=1) == torch.arange(len(distances), device=distances.device)).cpu()


def score_table(originals, attempts, labels, reader):
    """A DataFrame that scores several reconstructions of the same pictures, a row each.

    originals: shape (n, 784). attempts: dict from a name to pictures of that shape.
    labels: integers, shape (n,). reader: from fit_reader.
    Columns: MSE; SSIM; read right, % (recognisability); found among same digit, %.
    """
    import pandas as pd

    if not isinstance(attempts, dict) or not attempts:
        raise TypeError(f"attempts must be a dict from a name to pictures, but {inputs.described(attempts)} was given.")
    rows, digits = {}, check_labels(labels, len(check_pictures(originals)))
    for name, redrawn in bar(attempts.items(), "attempts scored"):
        rows[name] = {
            "MSE": mse(originals, redrawn).mean().item(),
            "SSIM": ssim(originals, redrawn).mean().item(),
            "read right, %": 100 * (read(reader, redrawn) == digits).float().mean().item(),
            "found among same digit, %": 100 * found_among_same_digit(originals, redrawn, digits).float().mean().item(),
        }
    return pd.DataFrame(rows).T


def _pair(originals, redrawn):  # which need not lie between paper and ink: not every attacker clamps
    originals, redrawn = floats("Originals", originals), floats("Reconstructions", redrawn)
    if originals.shape != redrawn.shape or originals.ndim != 2 or 0 in originals.shape:
        raise ValueError(
            "Originals and reconstructions must be as many and of the same shape (n, 784), but "
            f"{tuple(originals.shape)} and {tuple(redrawn.shape)} were given."
        )
    if not (originals.isfinite().all() and redrawn.isfinite().all()):
        raise ValueError("Originals and reconstructions must be finite, but some pixels are NaN or infinite.")
    return originals, redrawn.to(originals)
