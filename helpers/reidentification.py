"""Attacks on data that was published without names, and the measures of how well they did.

Tables are pandas DataFrames with one row a person (or one row a rating). Nothing here draws.
"""

import math
from typing import NamedTuple

import numpy as np

# --- how many people look alike -----------------------------------------------


def group_sizes(table, columns):
    """For each row, how many rows of ``table`` have the same values in ``columns``, itself included.

    columns: list of names; for none of them, all rows look alike. A missing value counts as a value
    of its own: who gave no answer looks like others who gave none.
    Returns integers, shape (n,); 1 means unique.
    Raises ValueError for a table without rows or an unknown column.
    """
    import pandas as pd

    _check_columns(table, columns)
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
    _check_columns(release, keys)
    _check_columns(register, [*keys, "name"])
    alone = register.drop_duplicates(keys, keep=False).dropna(subset=keys)
    found = release[keys].merge(alone[[*keys, "name"]], on=keys, how="left")["name"]
    return found.set_axis(release.index).dropna()


def _check_columns(table, columns):
    if len(table) == 0:
        raise ValueError("The table has no rows, so there is nobody to compare.")
    if isinstance(columns, str):
        raise ValueError(f'Columns come as a list: ["{columns}"] in place of "{columns}".')
    unknown = [name for name in columns if name not in table.columns]
    if unknown:
        raise ValueError(f"There is no column {', '.join(map(repr, unknown))}. There are: {', '.join(table.columns)}.")


# --- k-anonymity --------------------------------------------------------------


def ordinal_codes(table, columns):
    """Each column's values as whole numbers in their order, for mondrian. Shape (n, number of columns).

    A missing value gets the number after the last. Raises as group_sizes does.
    """
    import pandas as pd

    _check_columns(table, columns)
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


def exposed(classes, answers):
    """Whether everyone in a person's class gave the same answer, so that the class tells it.

    classes: shape (n,), from mondrian. answers: shape (n,).
    Returns booleans, shape (n,). Raises ValueError for other lengths.
    Source: A. Machanavajjhala and others, l-diversity, ICDE 2006, the homogeneity attack.
    """
    return answer_share(classes, answers) == 1


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


# --- Scoreboard-RH ------------------------------------------------------------


class Ratings(NamedTuple):
    """Ratings sorted by film, so that a film's raters lie side by side. From index_ratings.

    users: what users are called, shape (users,). number: each film's place in ``start``.
    start: where the ratings of film i begin, and those of i + 1, shape (films + 1,).
    user, stars, day: one entry a rating; user is a place in ``users``.
    of_user: for each user, which ratings are theirs. films: what films are called, as in ``number``.
    """

    users: np.ndarray
    number: dict
    start: np.ndarray
    user: np.ndarray
    stars: np.ndarray
    day: np.ndarray
    of_user: list
    films: np.ndarray


class Memory(NamedTuple):
    """What an attacker knows: films, and for each the stars and the day, nearly. days may be None."""

    films: list
    stars: np.ndarray
    days: np.ndarray | None


class Trial(NamedTuple):
    """Attacks on many targets. From trial; one entry a target.

    eccentricity: how far the best suspect stood out. right: whether the best suspect was the target.
    fits: how many of the known ratings each user of the release fits, shape (targets, users).
    place: the target's place among the users of the release, -1 for somebody who is not in it.
    known: how many ratings were known.
    """

    eccentricity: np.ndarray
    right: np.ndarray
    fits: np.ndarray
    place: np.ndarray
    known: np.ndarray

    def named(self, threshold=1.5):
        """Shares of the targets by the σ rule: named right, named wrong, and not named at all."""
        return _shares(self.eccentricity >= threshold, self.right)

    def named_by_fit(self, least=None):
        """The same by fit: who is claimed is the only user to fit ``least`` known ratings; all unless told."""
        enough = self.fits >= (self.known if least is None else np.full(len(self.known), least))[:, None]
        return _shares(enough.sum(axis=1) == 1, enough.argmax(axis=1) == self.place)


def _shares(claimed, right):
    right, wrong = float(np.mean(claimed & right)), float(np.mean(claimed & ~right))
    return {"right": right, "wrong": wrong, "no claim": 1 - right - wrong}


def index_ratings(table):
    """Ratings sorted for scoreboard. table: columns user, film, stars, day, one row a rating.

    Raises ValueError for a missing column, a missing value, a film rated twice by one user, or stars
    outside 0.5 to 5.
    """
    import pandas as pd

    columns = ["user", "film", "stars", "day"]
    _check_columns(table, columns)
    if table[columns].isna().any(axis=None):
        raise ValueError(
            "A rating needs user, film, stars and day, but some are missing. Leave those rows out: dropna."
        )
    if table.duplicated(["user", "film"]).any():
        raise ValueError("Some user rated a film twice. Keep one of the two: drop_duplicates(['user', 'film']).")
    _check_stars(table["stars"])
    user, users = pd.factorize(table["user"], sort=True)
    film, films = pd.factorize(table["film"], sort=True)
    order = np.argsort(film, kind="stable")
    by_user = np.argsort(user[order], kind="stable")
    return Ratings(
        users=np.asarray(users),
        number={name: i for i, name in enumerate(films)},
        start=np.concatenate([[0], np.bincount(film).cumsum()]),
        user=user[order],
        stars=table["stars"].to_numpy(float)[order],
        day=table["day"].to_numpy(float)[order],
        of_user=np.split(by_user, np.bincount(user).cumsum()[:-1]),
        films=np.asarray(films),
    )


def scoreboard(ratings, films, stars, days=None):
    """Scoreboard-RH: how well each user of a release fits what an attacker knows.

    ratings: from index_ratings. films: what the target rated, each once. stars: shape (m,), 0.5 to 5,
    as the attacker believes. days: shape (m,), or None if the attacker knows no dates.
    A film counts 1 / log(number of its raters), so that rare films count most; with one rater alone
    the log would be 0, and 2 is taken. A film that nobody in the release rated adds nothing.
    Returns scores, shape (users,), in the order of ratings.users.
    Raises ValueError for no films, for a film given twice, for other lengths, and for stars outside
    0.5 to 5.
    Source: A. Narayanan, V. Shmatikov, Robust de-anonymization of large sparse datasets, 2008.
    """
    films = list(films)
    _check_known(films, stars, days)
    users, raters, stars_apart, days_apart = _apart(ratings, films, stars, days)
    points = np.exp(stars_apart / -1.5)
    if days is not None:
        points += np.exp(days_apart / -30)
    points *= np.repeat(1 / np.log(np.maximum(raters, 2)), raters)
    return np.bincount(users, points, len(ratings.users))


def fitting(ratings, films, stars, days=None, stars_off=1.0, days_off=14):
    """How many of the known ratings each user of a release fits, within the error that the attacker states.

    ratings, films, stars, days: as in scoreboard. A user fits a rating who rated the film, at most
    stars_off away, and, if dates are known, at most days_off days away.
    Returns whole numbers, shape (users,), in the order of ratings.users. Raises as scoreboard does.
    """
    films = list(films)
    _check_known(films, stars, days)
    users, _, stars_apart, days_apart = _apart(ratings, films, stars, days)
    fits = stars_apart <= stars_off
    if days is not None:
        fits &= days_apart <= days_off
    return np.bincount(users[fits], minlength=len(ratings.users))


def _apart(ratings, films, stars, days):
    """All ratings of some films: by whom; how many a film; and how far stars and days are from the known ones."""
    rated = [i for i, film in enumerate(films) if film in ratings.number]
    if not rated:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)
    spans = [slice(*ratings.start[ratings.number[films[i]] :][:2]) for i in rated]
    raters = [span.stop - span.start for span in spans]

    def apart(theirs, known):
        known = np.repeat(np.asarray(known, float)[rated], raters)
        return np.abs(np.concatenate([theirs[span] for span in spans]) - known)

    users = np.concatenate([ratings.user[span] for span in spans])
    return users, raters, apart(ratings.stars, stars), None if days is None else apart(ratings.day, days)


def scoreboard_plain(records, raters, known, dates=True):
    """Scoreboard-RH as published, with dictionaries: what scoreboard does, to read and to compare.

    records: from a user to a dictionary from film to (stars, day). raters: how many rated a film.
    known: from film to (stars, day). dates: False leaves the days out.
    Returns a dictionary from user to score.
    """
    scores = {}
    for user, record in records.items():
        score = 0.0
        for film, (stars, day) in known.items():
            if film in record:
                their_stars, their_day = record[film]
                fit = math.exp(-abs(stars - their_stars) / 1.5)
                if dates:
                    fit += math.exp(-abs(day - their_day) / 30)
                score += fit / math.log(max(raters[film], 2))
        scores[user] = score
    return scores


def eccentricity(scores):
    """How far the best score stands above the second, in standard deviations (σ) of all scores.

    0 where the two best are equal. Raises ValueError for fewer than two scores, or one that is no number.
    """
    scores = np.asarray(scores, float)
    if scores.ndim != 1 or len(scores) < 2:
        raise ValueError(f"To stand out there must be at least two scores in a row, but the shape is {scores.shape}.")
    if not np.isfinite(scores).all():
        raise ValueError("Some scores are missing or infinite.")
    second, best = np.partition(scores, -2)[-2:]
    return float((best - second) / scores.std()) if best > second else 0.0


def claim(scores, threshold=1.5):
    """The place of the best score if it stands out by ``threshold`` at least; else None: no claim."""
    stands_out = eccentricity(scores)
    return int(np.argmax(scores)) if stands_out >= threshold and stands_out > 0 else None


def recall(ratings, user, n, random, stars_off=1.0, days_off=14, wrong=0):
    """What somebody might know of a user: n ratings drawn at random, none of them quite right.

    ratings: from index_ratings. user: a place in ratings.users. n: how many ratings, at least 1.
    random: a NumPy Generator. stars_off: the largest error of the stars, in steps of a half.
    days_off: the largest error of the day; None: no dates are known.
    wrong: how many of the n are of films that this user never rated. Such a film has the stars of some
    rating of it, and one of the user's own days: the attacker is wrong about the film, not about when.
    A user with fewer ratings is known by all of them. Returns Memory.
    Raises ValueError for n below 1 or ``wrong`` outside 0 to n.
    """
    if n < 1 or not 0 <= wrong <= n:
        raise ValueError(f"At least one rating, of which 0 to all are wrong, but n is {n} and wrong is {wrong}.")
    own = ratings.of_user[user]
    rows = random.choice(own, min(n - wrong, len(own)), replace=False)
    when = ratings.day[rows]
    if wrong:
        theirs = set(_film_of(ratings, own))
        enough = min(40 * wrong + len(own), len(ratings.user))
        others, films = random.choice(len(ratings.user), enough, replace=False), {}
        for row, film in zip(others, _film_of(ratings, others), strict=True):
            if film not in theirs and len(films) < wrong:
                films.setdefault(film, row)
        rows = np.concatenate([rows, list(films.values())]).astype(np.int64)
        when = np.concatenate([when, random.choice(ratings.day[own], len(films))])
    steps = round(2 * stars_off)
    stars = np.clip(ratings.stars[rows] + random.integers(-steps, steps + 1, len(rows)) / 2, 0.5, 5)
    days = None if days_off is None else when + random.integers(-days_off, days_off + 1, len(rows))
    return Memory(ratings.films[_film_of(ratings, rows)].tolist(), stars, days)


def trial(release, targets, n, source=None, seed=0, believed=None, **mistakes):
    """Attack each of ``targets`` once, with what recall draws, and look who comes out best, and who fits.

    release: from index_ratings, what was published. targets: names of users, as in source.users.
    source: from index_ratings, where the attacker's knowledge comes from; the release unless told. A
    target who is in the source and not in the release can only be named wrongly.
    n and mistakes: as in recall. believed: the largest error of the stars that the attacker reckons with
    when asking who fits; unless told, the largest there is.
    Returns Trial. Raises ValueError for an unknown target, and as recall does.
    """
    source = release if source is None else source
    place = {name: i for i, name in enumerate(source.users.tolist())}
    unknown = [name for name in targets if name not in place]
    if unknown:
        raise ValueError(f"There is no user {unknown[0]} whose ratings the attacker could know.")
    random = np.random.default_rng(seed)
    believed = mistakes.get("stars_off", 1.0) if believed is None else believed
    days_off = mistakes.get("days_off", 14) or 0
    ahead, right, fits, known = [], [], [], []
    for name in targets:
        memory = recall(source, place[name], n, random, **mistakes)
        scores = scoreboard(release, *memory)
        ahead.append(eccentricity(scores))
        right.append(ahead[-1] > 0 and release.users[scores.argmax()] == name)
        fits.append(fitting(release, *memory, believed, days_off).astype(np.int16))
        known.append(len(memory.films))
    there = {name: i for i, name in enumerate(release.users.tolist())}
    places = np.array([there.get(name, -1) for name in targets])
    return Trial(np.array(ahead), np.array(right, bool), np.array(fits), places, np.array(known))


def _film_of(ratings, rows):
    return np.searchsorted(ratings.start, rows, side="right") - 1


def _check_known(films, stars, days):
    if not films:
        raise ValueError("Nothing is known of the target: give at least one film with its stars.")
    if len(set(films)) < len(films):
        raise ValueError("A film is given twice. Keep one of the two.")
    for name, values in {"stars": stars, "days": days}.items():
        if values is not None and np.shape(values) != (len(films),):
            raise ValueError(f"{len(films)} films need as many {name}, but their shape is {np.shape(values)}.")
    _check_stars(stars)
    if days is not None and not np.isfinite(np.asarray(days, float)).all():
        raise ValueError("Some days are missing. Leave those films out, or give days=None.")


def _check_stars(stars):
    stars = np.asarray(stars, float)
    outside = stars[~((stars >= 0.5) & (stars <= 5))]
    if len(outside):
        raise ValueError(f"Stars go from 0.5 to 5, but {outside[0]} was given.")


# --- statistics only ----------------------------------------------------------


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
        fits = self._fits(where)
        if but_not:
            if not self.leave_out:
                raise ValueError("This console takes no but_not: it was switched off after the last attack.")
            fits &= ~self._fits(but_not)
        count = int(np.count_nonzero(fits))
        return self.rounded_to * round(count / self.rounded_to) if count >= self.minimum else None

    def _fits(self, conditions):
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


# --- points on a map ----------------------------------------------------------


def singled_out(seen, points, km=1, hours=1, targets=300, seed=0):
    """The share of phones that a few random points of theirs single out.

    seen: DataFrame with phone, hour, x and y (in km). points: how many places and times are known.
    km, hours: how coarsely places and times were published. targets: how many phones are tried.
    Returns a share from 0 to 1. Raises ValueError for an unknown column, and for numbers below 1.
    Source: Y.-A. de Montjoye and others, Unique in the Crowd, Scientific Reports 2013.
    """
    import pandas as pd

    _check_columns(seen, ["phone", "hour", "x", "y"])
    if min(points, km, hours, targets) < 1:
        raise ValueError("points, km, hours and targets must be 1 or more.")
    coarse = pd.DataFrame(
        {"phone": seen["phone"], "hour": seen["hour"] // hours, "x": seen["x"] // km, "y": seen["y"] // km}
    ).drop_duplicates()
    spot = coarse.groupby(["hour", "x", "y"], sort=False).ngroup().to_numpy()
    phone = pd.factorize(coarse["phone"])[0]
    there = np.split(phone[np.argsort(spot, kind="stable")], np.bincount(spot).cumsum()[:-1])
    theirs = np.split(spot[np.argsort(phone, kind="stable")], np.bincount(phone).cumsum()[:-1])
    random = np.random.default_rng(seed)
    tried = random.permutation(len(theirs))[:targets]
    alone = 0
    for one in tried:
        known = random.choice(theirs[one], min(points, len(theirs[one])), replace=False)
        left = set(there[known[0]]).intersection(*(there[place] for place in known[1:]))
        alone += len(left) == 1
    return alone / len(tried)
