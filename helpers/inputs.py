"""What a function is given, brought into one form at the door, or refused with a sentence that says what is needed.

Every function takes the name of the argument, for its sentence, and raises TypeError or ValueError.
"""

import math
from numbers import Real
from pathlib import Path

import numpy as np


def described(given):
    """What was given, in a few words."""
    kind = type(given).__name__
    if given is None or isinstance(given, (bool, Real)):
        return repr(given)
    if isinstance(given, (str, bytes, bytearray)):
        return f"the {'text' if isinstance(given, str) else kind} {given[:30]!r}{'…' if len(given) > 30 else ''}"
    if hasattr(given, "shape"):
        return f"a {kind} of {getattr(given, 'dtype', 'numbers')} and shape {tuple(given.shape)}"
    return f"a {kind} of length {len(given)}" if hasattr(given, "__len__") else f"a {kind}"


def real(name, given, least=-math.inf, most=math.inf, above=None, whole=False):
    """A finite number from ``least`` to ``most``, or above ``above``, as a float (an int if ``whole``).

    NumPy's and torch's numbers are taken too; True, a text and an array of several are not.
    """
    value = given.item() if getattr(given, "shape", None) == () else given
    kind = f"a {'whole' if whole else 'finite'} number"
    limits = [f"above {above:g}"] if above is not None else [f"at least {least:,g}"] * (least > -math.inf)
    limits += [f"at most {most:,g}"] * (most < math.inf)
    needed = f"{name} must be {kind}{' ' if limits else ''}{' and '.join(limits)}, but {described(given)} was given."
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(needed)
    inside = least <= value <= most and (above is None or value > above)
    if not (abs(value) < 1e300 and inside and (not whole or value == int(value))):
        raise ValueError(needed)
    return int(value) if whole else float(value)


def whole(name, given, least=-math.inf, most=math.inf):
    """A whole number, as an int; 3.0 is one."""
    return real(name, given, least, most, whole=True)


def chance(name, given):
    """A number strictly between 0 and 1, as a float."""
    if not 0 < (value := real(name, given)) < 1:
        raise ValueError(f"{name} must lie strictly between 0 and 1, but {given!r} was given.")
    return value


def choice(name, given, allowed):
    """One of ``allowed``."""
    value = given.item() if getattr(given, "shape", None) == () else given  # NumPy's texts and numbers
    if not any(type(value) is type(one) and value == one for one in allowed):
        listed = ", ".join(map(repr, allowed))
        raise ValueError(f"{name} must be one of {listed}, but {described(given)} was given.")
    return value


def text(name, given):
    """A text."""
    if not isinstance(given, str):
        raise TypeError(f"{name} must be a text, but {described(given)} was given.")
    return str(given)


def path(name, given):
    """Where a file or a folder lies, a text or a Path, as a Path; ~ is the home folder."""
    return Path(given if isinstance(given, Path) else text(name, given)).expanduser()


def byte_string(name, given):
    """Bytes: a bytes object, a bytearray, or a uint8 array, whose bytes are taken in order."""
    if isinstance(given, np.ndarray) and given.dtype == np.uint8:
        return given.tobytes()
    if not isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, but {described(given)} was given. A text becomes bytes by .encode().")
    return bytes(given)


def sequence(name, given):
    """A list of what is in a list, a tuple, an array, a Series or another iterable; a text is none."""
    shape = getattr(given, "shape", None)
    if isinstance(given, (str, bytes, bytearray, dict)) or not hasattr(given, "__iter__") or (shape and len(shape) > 1):
        more = " Of a table give one column: table[name]." if shape and len(shape) > 1 else ""
        raise TypeError(f"{name} must be a list or a column of values, but {described(given)} was given.{more}")
    return list(given)


def column(name, given):
    """A list of plain Python values, with None for what is missing (None, NaN, NA, NaT); see sequence.

    pandas' many ways to store a column (categories, Arrow, nullable or NumPy types) give the same list.
    """
    import pandas as pd

    values = pd.Series(sequence(name, given), dtype=object)
    plain = values.where(values.notna(), None).tolist()
    plain = [pd.Timestamp(value) if isinstance(value, np.datetime64) else value for value in plain]
    return [value.item() if getattr(value, "shape", None) == () else value for value in plain]


def table(name, given, columns=()):
    """A DataFrame with rows, in which each of ``columns`` stands once."""
    import pandas as pd

    if not isinstance(given, pd.DataFrame):
        raise TypeError(f"{name} must be a DataFrame, but {described(given)} was given.")
    if len(given) == 0:
        raise ValueError(f"{name} has no rows, so there is nobody to look at.")
    if isinstance(columns, str):
        raise ValueError(f'Columns come as a list: ["{columns}"] in place of "{columns}".')
    names = list(given.columns)
    if unknown := [one for one in sequence("columns", columns) if one not in names]:
        raise ValueError(
            f"{name} has no column {', '.join(map(repr, unknown))}. There are: {', '.join(map(str, names))}."
        )
    if twice := [one for one in columns if names.count(one) > 1]:
        raise ValueError(f"{name} has several columns called {twice[0]!r}. Keep one, or rename the others.")
    return given


def array(name, given, shape, least=-math.inf, most=math.inf):
    """Finite numbers as a float array. shape: a letter or a number for each dimension, such as ("n", 28, 28)."""
    try:
        values = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
        if values.dtype.kind in "SUMm" or (values.dtype == object and any(isinstance(v, str) for v in values.flat)):
            raise TypeError("NumPy would make numbers of texts and dates")
        values = values.astype(float)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} must be numbers, but {described(given)} was given.") from None
    fits = values.ndim == len(shape) and all(
        isinstance(n, str) or n == m for n, m in zip(shape, values.shape, strict=True)
    )
    if not fits or 0 in values.shape:
        wanted = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
        raise ValueError(f"{name} must have shape {wanted} and hold something, but the shape is {values.shape}.")
    if not np.isfinite(values).all():
        raise ValueError(f"Some of {name} are missing or infinite.")
    if not (least <= values.min() and values.max() <= most):
        raise ValueError(
            f"{name} must lie from {least:g} to {most:g}, but run from {values.min():g} to {values.max():g}."
        )
    return values
