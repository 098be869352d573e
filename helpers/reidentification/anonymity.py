"""How many people look alike, linkage, k-anonymity, and points on a map.

Tables are pandas DataFrames with one row a person. A column may be stored in any way that pandas knows.
"""

import datetime
from collections import Counter
from numbers import Number

import numpy as np
import pandas as pd

from .. import inputs

KINDS = {type(None): "nothing", Number: "numbers", str: "texts", datetime.datetime: "times", datetime.date: "dates"}


def group_sizes(table, columns):
    """For each row, how many rows of ``table`` have the same values in ``columns``, itself included.

    columns: list of names; for none of them, all rows look alike. A missing value counts as a value
    of its own: who gave no answer looks like others who gave none.
    Returns integers, shape (n,); 1 means unique.
    Raises ValueError for a table without rows or an unknown column.
    """
    inputs.table("table", table, columns)
    group = np.zeros(len(table), np.int64)
    for name in columns:
        codes, found = ranked(name, table[name])
        group = pd.factorize(group * (len(found) + 1) + codes)[0]  # numbered afresh, so that it stays small
    return np.bincount(group)[group]


def link(release, register, keys):
    """Names for the rows of a release, where exactly one entry of a register has the same ``keys``.

    release, register: DataFrames with the columns ``keys``; the register has ``name`` too.
    A row with a missing key gets no name. Nothing says that a name is right: see the notebook.
    Returns a Series of names, indexed like ``release``, of the rows that got one.
    Raises ValueError for a table without rows, an unknown column, no keys, or a key that is a number in one table
    and a text in the other.
    """
    inputs.table("release", release, keys)
    if not (keys := list(keys)):
        raise ValueError("link needs at least one column to compare, but keys is empty.")
    inputs.table("register", register, [*keys, "name"])
    mine, theirs = ({key: inputs.column(key, table[key]) for key in keys} for table in (release, register))
    for key in keys:
        one_kind(key, {"release": mine[key], "register": theirs[key]})
    entries = list(zip(*theirs.values(), strict=True))
    times, place = Counter(entries), {entry: i for i, entry in enumerate(entries)}
    people = enumerate(zip(*mine.values(), strict=True))
    found = [(i, place[person]) for i, person in people if times[person] == 1 and None not in person]
    rows, places = np.array(found, int).reshape(-1, 2).T
    return register["name"].iloc[places].set_axis(release.index[rows]).dropna()


def kind_of(value):
    """What kind of value this is, in a word. Values of two kinds are never the same."""
    value = value.item() if isinstance(value, np.generic) else value
    kind = next((said for kind, said in KINDS.items() if isinstance(value, kind) and value == value), None)
    return f"{kind or type(value).__name__}{' with a time zone' if getattr(value, 'tzinfo', None) else ''}"


def one_kind(name, columns):
    """Raise ValueError where values of a column are of two kinds, such as 101 and "00101".

    columns: dict from where the values stand to a list of them.
    """
    kinds = {}
    for where, values in columns.items():
        some = {type(value): value for value in values if value is not None}.values()
        kinds |= {kind_of(value): f"{value!r} in {where}" for value in some}
    if len(kinds) > 1:
        listed = " and ".join(f"{kind} such as {example}" for kind, example in kinds.items())
        zeros = f"texts of five digits: {name}.astype('Int64').astype('string').str.zfill(5)"
        how = zeros if "numbers" in kinds else f"dates: pd.to_datetime({name})"
        raise ValueError(f"{name} holds {listed}, which are never equal. Make all of one kind, such as {how}.")


def sort_key(value):
    """By what a value is sorted: texts that are numbers in the numbers' order, before other texts."""
    if not isinstance(value, str):
        return value
    number = value.removeprefix("-").replace(".", "", 1).isdecimal()
    return (0, float(value), value) if number else (1, 0.0, value)


def ranked(name, column):
    """Each value's place in the order of its column, -1 for what is missing, and the values in this order.

    The order is an ordered Categorical's own. Otherwise numbers and dates go by size; texts that are numbers
    go by the number ("9" before "30"), and other texts follow by letters.
    Raises ValueError or TypeError for a column of several kinds, or of what has no order.
    """
    if getattr(column.dtype, "ordered", False):
        return column.cat.codes.to_numpy(np.int64), column.cat.categories.tolist()
    try:
        codes, found = pd.factorize(column)
        values = inputs.column(name, found)
        one_kind(name, {"one row": values})
        order = np.array(sorted(range(len(values)), key=lambda i: sort_key(values[i])), int)
    except TypeError as problem:
        raise TypeError(f"{name} holds values that have no order ({problem}).") from None
    return np.append(np.argsort(order), -1)[codes], [values[i] for i in order]


def ordinal_codes(table, columns):
    """Each column's values as whole numbers in their order (see ranked), for mondrian. Shape (n, number of columns).

    A missing value gets the number after the last. Raises as group_sizes and ranked do.
    """
    inputs.table("table", table, columns)
    if not len(columns):
        raise ValueError("At least one column is needed, but columns is empty.")
    places = [ranked(name, table[name]) for name in columns]
    filled = [np.where(codes < 0, len(values), codes) for codes, values in places]
    return np.column_stack([np.unique(codes, return_inverse=True)[1] for codes in filled])


def _cut(codes, rows, k):
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
    Raises ValueError for k below 1 or above n, for codes that are not a table with rows, and for missing ones.
    Source: K. LeFevre, D. DeWitt, R. Ramakrishnan, Mondrian multidimensional k-anonymity, ICDE 2006.
    """
    codes = _scaled(codes)
    k = inputs.whole("k", k, 1, len(codes))
    classes = np.zeros(len(codes), np.int64)
    todo, found = [np.arange(len(codes))], 0
    while todo:
        rows = todo.pop()
        halves = _cut(codes, rows, k) if len(rows) >= 2 * k else None
        if halves:
            todo += halves
        else:
            classes[rows] = found
            found += 1
    return classes


def answer_share(classes, answers):
    """How large the commonest answer's share is in a person's class: 1 where all agree. Shape (n,).

    classes, answers: a value a person. A missing answer is an answer of its own, as in group_sizes.
    Raises ValueError for other lengths and missing classes.
    """
    answers = pd.Series(inputs.column("answers", answers), dtype=object)
    group = _classes(classes, len(answers), "answers")
    given, found = ranked("answers", answers)
    pairs, counts = np.unique(group * (len(found) + 1) + given + 1, return_counts=True)
    most = np.zeros(group.max() + 1)
    np.maximum.at(most, pairs // (len(found) + 1), counts)
    return (most / np.bincount(group))[group]


def _classes(classes, people, named):
    """The class of each of so many people, as whole numbers from 0."""
    classes = pd.Series(inputs.column("classes", classes), dtype=object)
    if len(classes) != people or classes.isna().any() or not people:
        missing = f"{len(classes)} classes, {classes.isna().sum()} of them missing, and {people} {named}"
        raise ValueError(f"{missing}: each person needs both.")
    return ranked("classes", classes)[0]


def loss_of_detail(codes, classes):
    """How wide classes are, as a share of the whole table: 0 if nothing was merged, 1 if all is lost.

    codes: shape (n, columns). classes: shape (n,). Each person counts once, and each column the same.
    Raises ValueError for other lengths.
    Source: the normalised certainty penalty of J. Xu and others, KDD 2006, averaged over columns.
    """
    codes = _scaled(codes)
    groups = pd.DataFrame(codes).groupby(_classes(classes, len(codes), "rows of codes"))
    return float((groups.transform("max") - groups.transform("min")).to_numpy().mean())


def _scaled(codes):
    """Each column from 0 to 1 wide, or of width 0 where its values are all the same."""
    codes = inputs.array("codes", codes, ("people", "columns"))
    spread = np.ptp(codes, axis=0)
    return codes / np.where(spread > 0, spread, 1)


def singled_out(seen, points, km=1, hours=1):
    """The share of phones that a few random points of theirs single out: 300 phones are tried.

    seen: DataFrame with phone, hour, x and y (in km). points: how many places and times are known.
    km, hours: how coarsely places and times were published.
    Returns a share from 0 to 1. Raises ValueError for an unknown column, missing values, and numbers below 1.
    Source: Y.-A. de Montjoye and others, Unique in the Crowd, Scientific Reports 2013.
    """
    inputs.table("seen", seen, ["phone", "hour", "x", "y"])
    points = inputs.whole("points", points, 1)
    km, hours = inputs.real("km", km, 1), inputs.real("hours", hours, 1)
    coarse = pd.DataFrame({"phone": ranked("phone", seen["phone"])[0]})
    if coarse["phone"].min() < 0:
        raise ValueError("Some phones are missing. Leave those rows out: dropna.")
    for name, step in {"hour": hours, "x": km, "y": km}.items():
        if seen[name].dtype.kind in "mM":
            raise TypeError(f"{name} must be a column of numbers, but seen[{name!r}] holds {seen[name].dtype}.")
        coarse[name] = inputs.array(name, seen[name], ("n",)) // step
    coarse = coarse.drop_duplicates()
    spot = coarse.groupby(["hour", "x", "y"], sort=False).ngroup().to_numpy()
    phone = coarse["phone"].to_numpy()
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
