"""Counts only: a console that answers with them, and the reconstruction of everybody from many of them."""

from bisect import bisect_left, bisect_right

import numpy as np

from .. import inputs
from .anonymity import kind_of, ranked, sort_key


class Console:
    """Answers questions about a table with counts only, and none that is small.

    table: DataFrame. minimum: a count below it is refused. leave_out: whether questions may say but_not.
    rounded_to: answers are rounded to a multiple of this, at least 1.
    values: from a column to its values, each with its place in their order, which is that of anonymity.ranked.
    """

    def __init__(self, table, minimum=100, leave_out=True, rounded_to=1):
        inputs.table("table", table)
        inputs.table("table", table, list(table.columns))  # each of them once
        self.minimum, self.leave_out = inputs.real("minimum", minimum, 0), bool(leave_out)
        self.rounded_to = inputs.whole("rounded_to", rounded_to, 1)
        # Numbers in place of values, in their order: comparing text would be a hundred times slower.
        self._codes, self.values, self._key = {}, {}, {}
        for name in table.columns:
            codes, values = ranked(name, table[name])
            self._codes[name], self.values[name] = codes.astype(np.int32), {value: i for i, value in enumerate(values)}
            ordered = getattr(table[name].dtype, "ordered", False)
            self._key[name] = self.values[name].get if ordered else sort_key
        self._rows = len(table)

    def count(self, where, but_not=None):
        """How many people fit ``where``, without those who fit all of ``but_not``.

        where, but_not: dictionaries from a column to a value, or to (low, high), both included, in the
        order of ``values``. A missing value fits nothing, and neither does a value that nobody has.
        Returns a whole number, or None: refused, because fewer than ``minimum`` people fit.
        Raises ValueError for an unknown column, for a value of another kind than the column's, for a
        range that ends before it begins, and for but_not where it is switched off.
        """
        fits, others = self.fits(where), self.fits({} if but_not is None else but_not)
        if but_not:
            if not self.leave_out:
                raise ValueError("This console takes no but_not: it was switched off after the last attack.")
            fits &= ~others
        count = int(np.count_nonzero(fits))
        return self.rounded_to * round(count / self.rounded_to) if count >= self.minimum else None

    def fits(self, conditions):
        """Who fits ``conditions``: what the office sees, and never publishes.

        conditions: as ``where`` in count. Returns booleans, one a row of the table. Raises as count does.
        """
        if not isinstance(conditions, dict):
            wanted = 'A question is a dictionary, such as {"zip": "00102"}'
            raise TypeError(f"{wanted}, but {inputs.described(conditions)} was given.")
        fits = np.ones(self._rows, bool)
        for name, wanted in conditions.items():
            if name not in self._codes:
                raise ValueError(f"There is no column {name!r}. There are: {', '.join(map(str, self._codes))}.")
            codes, (first, end) = self._codes[name], self._places(name, wanted)
            fits &= codes == first if end - first == 1 else (codes >= first) & (codes < end)
        return fits

    def _places(self, name, wanted):
        """Where in the order of a column's values the wanted ones begin and end."""
        values, key = self.values[name], self._key[name]
        ends = wanted if isinstance(wanted, tuple) else (wanted, wanted)
        some = next(iter(values), None)
        if len(ends) != 2 or any(kind_of(end) != kind_of(some) for end in ends):
            such = "True or False, without quotes" if isinstance(some, bool) else f"{kind_of(some)} such as {some!r}"
            kinds = f"{name} holds {such}"
            raise ValueError(f"{kinds}: ask for one of them or for (first, last), but {wanted!r} is of another kind.")
        if not isinstance(wanted, tuple):
            return (place := values.get(wanted, len(values))), place + 1
        first, last = map(key, ends)
        if None in (first, last) or first > last:
            listed = ", ".join(map(repr, [*values][:3]))
            raise ValueError(f"{name}: {wanted!r} is no range, in the order of {listed} and so on, lower end first.")
        return bisect_left([*values], first, key=key), bisect_right([*values], last, key=key)


def reconstruct(queries, answers, guess=0.5):
    """Who said yes, from noisy counts of yes among random people: least squares, then a cut at a half.

    queries: zeros and ones, shape (m, n); row i says who was counted. answers: shape (m,).
    guess: what is believed of everybody before, from 0 to 1; it matters only for fewer counts than people.
    Returns booleans, shape (n,). Raises ValueError for other shapes or numbers that are missing.
    Source: I. Dinur, K. Nissim, Revealing information while preserving privacy, PODS 2003 (there with
    linear programming).
    """
    guess = inputs.real("guess", guess, 0, 1)
    # Where several solutions fit the counts equally well, the tiny penalty takes the one nearest to the guess.
    return penalised_least_squares(queries, answers, guess, 1e-6) > 0.5


def penalised_least_squares(queries, answers, guess, penalty):
    """Each person's answer that fits the counts best, with a penalty for being away from the guess.

    queries: zeros and ones, shape (m, n). answers: the counts, shape (m,). guess: of everybody's answer.
    penalty: above 0; it multiplies the squared distance from the guess. Returns floats, shape (n,).
    Raises ValueError for other shapes, missing numbers, and a penalty that is not above 0.
    Source: A. Hoerl, R. Kennard, Ridge Regression, Technometrics 1970.
    """
    queries = inputs.array("queries", queries, ("m", "n"), 0, 1)
    answers = inputs.array("answers", answers, (len(queries),))
    guess, penalty = inputs.real("guess", guess), inputs.real("penalty", penalty, above=0)
    away = queries.T @ (answers - guess * queries.sum(axis=1))
    return guess + np.linalg.solve(queries.T @ queries + penalty * np.eye(queries.shape[1]), away)
