"""Call functions with one argument replaced by something bad, and collect what is wrong with the answers."""

import inspect
import traceback
from pathlib import Path

import numpy as np
import pandas as pd

import helpers

HELPERS = Path(helpers.__file__).parent
BAD = {
    "None": None,
    "a text": "seven",
    "a negative number": -1,
    "a fraction": 2.5,
    "nan": float("nan"),
    "an empty list": [],
    "a list of None": [None],
    "a dict": {"a": 1},
    "an object": object(),
    "an empty table": pd.DataFrame(),
    "texts in a table": pd.DataFrame({"a": ["x", "y"], "b": ["x", "y"]}),
    "an array of texts": np.array(["x", "y"]),
}


def faults(function, good, takes):
    """What is wrong with the answers of ``function``, one line each.

    good: its arguments, by name; with them it must work. takes: {argument: the kinds of BAD that it rightly takes},
    or "anything" for an argument that takes them all, such as a flag.
    An answer is right if it is an error of ours (a TypeError, ValueError or RuntimeError raised in helpers) that says
    in a sentence what was given. Whatever else comes back, or is raised further down, is a fault.
    """
    function(**good)
    for argument in good:
        rightly = takes.get(argument, ())
        for kind, bad in BAD.items():
            if rightly == "anything" or kind in rightly:
                continue
            name = f"{getattr(function, '__name__', function)}({argument}={kind})"
            try:
                given = function(**good | {argument: bad})
            except Exception as problem:
                where = Path(traceback.extract_tb(problem.__traceback__)[-1].filename)
                if not isinstance(problem, (TypeError, ValueError, RuntimeError)) or HELPERS not in where.parents:
                    yield f"{name}: raw {type(problem).__name__}: {problem}"
                elif len(str(problem).split()) < 5:
                    yield f"{name}: no sentence: {problem}"
            else:
                yield f"{name}: taken in silence, gives {str(given)[:60]!r}"


def public(*modules):
    """The functions that ``modules`` define under a public name."""
    return {
        function
        for module in modules
        for name, function in vars(module).items()
        if inspect.isfunction(function) and not name.startswith("_") and function.__module__ == module.__name__
    }
