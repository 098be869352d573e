"""How many people look alike, linkage, k-anonymity, and points on a map.

Tables are pandas DataFrames with one row a person.
"""

import numpy as np


def group_sizes(table, columns):
    """For each row, how many rows of ``table`` have the same values in ``columns``, itself included.

    columns: list of names; for none of them, all rows look alike. A missing value counts as a value
    of its own: who gave no answer looks like others who gave none.
    Returns integers, shape (n,); 1 means unique.
    Raises ValueError for a table without rows or an unknown column.
    """
    import pandas as pd

    check_columns(table, columns)
    group, possible = np.zeros(len(table), np.int64), 1
    for name in columns:
        codes, found = pd.factorize(table[name], use_na_sentinel=False)
        if possible * len(found) > 2**62:  # numbered afresh, the groups fit into an integer again
            group, seen = pd.factorize(group)
            possible = len(seen)
        group, possible = group * len(found) + codes, possible * len(found)
    group = pd.factorize(group)[0]
    return np.bincount(group)[group]


def link(release, register, keys):
    """Names for the rows of a release, where exactly one entry of a register has the same ``keys``.

    release, register: DataFrames with the columns ``keys``; the register has ``name`` too.
    A row with a missing key gets no name. Nothing says that a name is right: see the notebook.
    Returns a Series of names, indexed like ``release``, of the rows that got one.
    Raises ValueError for a table without rows, an unknown column, or no keys.
    """
    if not keys:
        raise ValueError("link needs at least one column to compare, but keys is empty.")
    check_columns(release, keys)
    check_columns(register, [*keys, "name"])
    alone = register.drop_duplicates(keys, keep=False).dropna(subset=keys)
    found = release[keys].merge(alone[[*keys, "name"]], on=keys, how="left")["name"]
    return found.set_axis(release.index).dropna()


def check_columns(table, columns):
    if len(table) == 0:
        raise ValueError("The table has no rows, so there is nobody to compare.")
    if isinstance(columns, str):
        raise ValueError(f'Columns come as a list: ["{columns}"] in place of "{columns}".')
    unknown = [name for name in columns if name not in table.columns]
    if unknown:
        raise ValueError(f"There is no column {', '.join(map(repr, unknown))}. There are: {', '.join(table.columns)}.")


def ordinal_codes(table, columns):
    """Each column's values as whole numbers in their order, for mondrian. Shape (n, number of columns).

    A missing value gets the number after the last. Raises as group_sizes does.
    """
    import pandas as pd

    check_columns(table, columns)
    return np.column_stack([pd.factorize(table[name], sort=True, use_na_sentinel=False)[0] for name in columns])


def cut(codes, rows, k):
    """Two halves of ``rows``, each of at least k, cut where ``codes`` spread most; None where there is no such cut.

    codes: shape (n, columns), on one scale in all columns. rows: which of the n to cut.
    A column is cut at its median. People with the median's value stay together, on the side that fits.
    """
    here = codes[rows]
    widths = here.max(axis=0) - here.min(axis=0)
    for column in np.argsort(-widths, kind="stable"):
        values = here[:, column]
        median = np.partition(values, len(rows) // 2)[len(rows) // 2]
        for low in (values < median, values <= median):
            if k <= np.count_nonzero(low) <= len(rows) - k:
                return [rows[low], rows[~low]]
    return None


def mondrian(codes, k):
    """Divide people into classes of at least k who will look alike, by cutting again and again.

    codes: from ordinal_codes, shape (n, columns). k: at least 1.
    Returns the class of each row, whole numbers from 0, shape (n,). People who are all alike stay in
    one class, whatever k.
    Raises ValueError for k below 1 or above n, and for codes that are not a table with rows.
    Source: K. LeFevre, D. DeWitt, R. Ramakrishnan, Mondrian multidimensional k-anonymity, ICDE 2006.
    """
    codes = np.asarray(codes)
    if codes.ndim != 2 or 0 in codes.shape:
        raise ValueError(f"mondrian takes a table of shape (people, columns), but was given {codes.shape}.")
    if not 1 <= k <= len(codes):
        raise ValueError(f"k must lie between 1 and the number of people, {len(codes):,}, but {k} was given.")
    codes = codes / np.maximum(np.ptp(codes, axis=0), 1)  # each column from 0 to 1, or its widths all 0
    classes = np.zeros(len(codes), np.int64)
    todo, found = [np.arange(len(codes))], 0
    while todo:
        rows = todo.pop()
        halves = cut(codes, rows, k) if len(rows) >= 2 * k else None
        if halves:
            todo += halves
        else:
            classes[rows] = found
            found += 1
    return classes


def answer_share(classes, answers):
    """How large the commonest answer's share is in a person's class: 1 where all agree. Shape (n,)."""
    import pandas as pd

    if len(classes) != len(answers):
        raise ValueError(f"{len(classes)} classes and {len(answers)} answers: each person needs both.")
    counts = pd.crosstab(np.asarray(classes), np.asarray(answers, str))
    share = counts.max(axis=1) / counts.sum(axis=1)
    return share.loc[np.asarray(classes)].to_numpy()


def loss_of_detail(codes, classes):
    """How wide classes are, as a share of the whole table: 0 if nothing was merged, 1 if all is lost.

    codes: shape (n, columns). classes: shape (n,). Each person counts once, and each column the same.
    Raises ValueError for other lengths.
    Source: the normalised certainty penalty of J. Xu and others, KDD 2006, averaged over columns.
    """
    import pandas as pd

    if len(codes) != len(classes):
        raise ValueError(f"{len(codes)} rows of codes and {len(classes)} classes: each person needs both.")
    groups = pd.DataFrame(codes).groupby(np.asarray(classes))
    ranges = (groups.transform("max") - groups.transform("min")).to_numpy()
    return float((ranges / np.maximum(np.ptp(codes, axis=0), 1)).mean())


def singled_out(seen, points, km=1, hours=1):
    """The share of phones that a few random points of theirs single out: 300 phones are tried.

    seen: DataFrame with phone, hour, x and y (in km). points: how many places and times are known.
    km, hours: how coarsely places and times were published.
    Returns a share from 0 to 1. Raises ValueError for an unknown column, and for numbers below 1.
    Source: Y.-A. de Montjoye and others, Unique in the Crowd, Scientific Reports 2013.
    """
    import pandas as pd

    check_columns(seen, ["phone", "hour", "x", "y"])
    if min(points, km, hours) < 1:
        raise ValueError("points, km and hours must be 1 or more.")
    coarse = pd.DataFrame(
        {"phone": seen["phone"], "hour": seen["hour"] // hours, "x": seen["x"] // km, "y": seen["y"] // km}
    ).drop_duplicates()
    spot = coarse.groupby(["hour", "x", "y"], sort=False).ngroup().to_numpy()
    phone = pd.factorize(coarse["phone"])[0]
    there = np.split(phone[np.argsort(spot, kind="stable")], np.bincount(spot).cumsum()[:-1])
    theirs = np.split(spot[np.argsort(phone, kind="stable")], np.bincount(phone).cumsum()[:-1])
    random = np.random.default_rng(0)
    tried = random.permutation(len(theirs))[:300]
    alone = 0
    for one in tried:
        known = random.choice(theirs[one], min(points, len(theirs[one])), replace=False)
        left = set(there[known[0]]).intersection(*(there[place] for place in known[1:]))
        alone += len(left) == 1
    return alone / len(tried)
