"""Counts only: a console that answers with them, and the reconstruction of everybody from many of them."""

import numpy as np


class Console:
    """Answers questions about a table with counts only, and none that is small.

    table: DataFrame. minimum: a count below it is refused. leave_out: whether questions may say but_not.
    rounded_to: answers are rounded to a multiple of this.
    """

    def __init__(self, table, minimum=100, leave_out=True, rounded_to=1):
        import pandas as pd

        if len(table) == 0:
            raise ValueError("The table has no rows, so there is nothing to count.")
        self.minimum, self.leave_out, self.rounded_to = minimum, leave_out, rounded_to
        # Numbers in place of values, in their order: comparing text would be a hundred times slower.
        self._columns = {}
        for name in table.columns:
            codes, values = pd.factorize(table[name], sort=True)
            self._columns[name] = codes.astype(np.int32), np.asarray(values)
        self._rows = len(table)

    def count(self, where, but_not=None):
        """How many people fit ``where``, without those who fit all of ``but_not``.

        where, but_not: dictionaries from a column to a value, or to (low, high), both included. A
        missing value fits nothing, and neither does a value that nobody has.
        Returns a whole number, or None: refused, because fewer than ``minimum`` people fit.
        Raises ValueError for an unknown column, for a value of another kind than the column's, and for
        but_not where it is switched off.
        """
        fits = self.fits(where)
        if but_not:
            if not self.leave_out:
                raise ValueError("This console takes no but_not: it was switched off after the last attack.")
            fits &= ~self.fits(but_not)
        count = int(np.count_nonzero(fits))
        return self.rounded_to * round(count / self.rounded_to) if count >= self.minimum else None

    def fits(self, conditions):
        """Who fits ``conditions``: what the office sees, and never publishes.

        conditions: as ``where`` in count. Returns booleans, one a row of the table. Raises as count does.
        """
        fits = np.ones(self._rows, bool)
        for name, wanted in dict(conditions).items():
            if name not in self._columns:
                raise ValueError(f"There is no column {name!r}. There are: {', '.join(self._columns)}.")
            codes, values = self._columns[name]
            low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
            text = values.dtype.kind not in "iufb"
            if any(isinstance(end, str) != text for end in (low, high)):
                raise ValueError(f"{name} holds values such as {values[0]!r}, and {wanted!r} is of another kind.")
            first, end = np.searchsorted(values, low), np.searchsorted(values, high, side="right")
            fits &= codes == first if end - first == 1 else (codes >= first) & (codes < end)
        return fits


def reconstruct(queries, answers, guess=0.5):
    """Who said yes, from noisy counts of yes among random people: least squares, then a cut at a half.

    queries: zeros and ones, shape (m, n); row i says who was counted. answers: shape (m,).
    guess: what is believed of everybody before, from 0 to 1; it matters only for fewer counts than people.
    Returns booleans, shape (n,). Raises ValueError for other shapes or numbers that are missing.
    Source: I. Dinur, K. Nissim, Revealing information while preserving privacy, PODS 2003 (there with
    linear programming).
    """
    queries, answers = _check_queries(queries, answers)
    # Where several solutions fit the counts equally well, the tiny penalty takes the one nearest to the guess.
    return penalised_least_squares(queries, answers, guess, 1e-6) > 0.5


def penalised_least_squares(queries, answers, guess, penalty):
    """Each person's answer that fits the counts best, with a penalty for being away from the guess.

    queries: zeros and ones, shape (m, n). answers: the counts, shape (m,). guess: of everybody's answer.
    penalty: above 0; it multiplies the squared distance from the guess. Returns floats, shape (n,).
    Source: A. Hoerl, R. Kennard, Ridge Regression, Technometrics 1970.
    """
    away = queries.T @ (answers - guess * queries.sum(axis=1))
    return guess + np.linalg.solve(queries.T @ queries + penalty * np.eye(queries.shape[1]), away)


def reconstruct_linear_program(queries, answers):
    """The same by linear programming: the smallest sum of absolute errors with every person from 0 to 1.

    Slow above a few hundred people. Raises as reconstruct does, and RuntimeError where the solver gives up.
    """
    from scipy.optimize import linprog

    queries, answers = _check_queries(queries, answers)
    m, n = queries.shape
    too_much, too_little = np.eye(m), -np.eye(m)
    found = linprog(
        np.concatenate([np.zeros(n), np.ones(2 * m)]),
        A_eq=np.hstack([queries, too_much, too_little]),
        b_eq=answers,
        bounds=[(0, 1)] * n + [(0, None)] * (2 * m),
        method="highs",
    )
    if found.x is None:
        raise RuntimeError(f"The linear program was not solved: {found.message}")
    return found.x[:n] > 0.5


def _check_queries(queries, answers):
    queries, answers = np.asarray(queries, float), np.asarray(answers, float)
    if queries.ndim != 2 or 0 in queries.shape or answers.shape != queries.shape[:1]:
        raise ValueError(
            f"Queries of shape (m, n) need m answers, but the shapes are {queries.shape} and {answers.shape}."
        )
    if not (np.isfinite(queries).all() and np.isfinite(answers).all()):
        raise ValueError("Some queries or answers are missing or infinite.")
    return queries, answers
