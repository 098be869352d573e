"""How well a reconstruction did."""

import torch

from .splitnn import check_pictures


def mse(originals, redrawn):
    """Mean squared error of each picture, shape (n,). 0 is a perfect copy; the scale runs to 4."""
    _check_pair(originals, redrawn)
    return ((originals - redrawn) ** 2).mean(dim=1)


def ssim(originals, redrawn):
    """Structural similarity of each picture, shape (n,), from -1 to 1 (a perfect copy).

    Pixels are moved to 0 (paper) to 2 (ink) first: SSIM multiplies local means, so with negative pixels an inverted
    picture would score as similar.
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

    Among all originals that show the same digit, is hers the nearest (least squared error)? This tells *her* 4 from
    *a* 4: a redrawn class is readable, but leads to nobody.
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
