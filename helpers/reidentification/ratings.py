"""Who is behind these ratings? Scoreboard-RH, and the rule that claims or keeps silent."""

from typing import NamedTuple

import numpy as np

from .anonymity import check_columns


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
    check_columns(table, columns)
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
    users, raters, stars_apart, days_apart = _apart(ratings, list(films), stars, days)
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
    users, _, stars_apart, days_apart = _apart(ratings, list(films), stars, days)
    fits = stars_apart <= stars_off
    if days is not None:
        fits &= days_apart <= days_off
    return np.bincount(users[fits], minlength=len(ratings.users))


def _apart(ratings, films, stars, days):
    """All ratings of some films: by whom; how many a film; and how far stars and days are from the known ones."""
    _check_known(films, stars, days)
    places = [ratings.number.get(film) for film in films]
    spans = [slice(0, 0) if place is None else slice(*ratings.start[place : place + 2]) for place in places]
    raters = [span.stop - span.start for span in spans]

    def apart(theirs, known):
        return np.abs(np.concatenate([theirs[span] for span in spans]) - np.repeat(np.asarray(known, float), raters))

    users = np.concatenate([ratings.user[span] for span in spans])
    return users, raters, apart(ratings.stars, stars), None if days is None else apart(ratings.day, days)


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
        enough = min(40 * wrong + len(own), len(ratings.user))
        others = random.choice(len(ratings.user), enough, replace=False)
        others = others[~np.isin(_film_of(ratings, others), _film_of(ratings, own))]
        first_of_film = np.sort(np.unique(_film_of(ratings, others), return_index=True)[1])
        others = others[first_of_film[:wrong]]
        rows = np.concatenate([rows, others])
        when = np.concatenate([when, random.choice(ratings.day[own], len(others))])
    steps = round(2 * stars_off)
    stars = np.clip(ratings.stars[rows] + random.integers(-steps, steps + 1, len(rows)) / 2, 0.5, 5)
    days = None if days_off is None else when + random.integers(-days_off, days_off + 1, len(rows))
    return Memory(ratings.films[_film_of(ratings, rows)].tolist(), stars, days)


def trial(release, targets, n, source=None, believed=None, stars_off=1.0, days_off=14, wrong=0):
    """Attack each of ``targets`` once, with what recall draws, and look who comes out best, and who fits.

    release: from index_ratings, what was published. targets: names of users, as in source.users.
    source: from index_ratings, where the attacker's knowledge comes from; the release unless told. A
    target who is in the source and not in the release can only be named wrongly.
    n, stars_off, days_off, wrong: as in recall. believed: the largest error of the stars that the attacker
    reckons with when asking who fits; unless told, the largest there is.
    Returns Trial. Raises ValueError for an unknown target, and as recall does.
    """
    source = release if source is None else source
    place = {name: i for i, name in enumerate(source.users.tolist())}
    unknown = [name for name in targets if name not in place]
    if unknown:
        raise ValueError(f"There is no user {unknown[0]} whose ratings the attacker could know.")
    random = np.random.default_rng(0)
    believed = stars_off if believed is None else believed
    ahead, right, fits, known = [], [], [], []
    for name in targets:
        memory = recall(source, place[name], n, random, stars_off, days_off, wrong)
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
