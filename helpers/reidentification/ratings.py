"""Who is behind these ratings? Scoreboard-RH, and the rule that claims or keeps silent."""

import datetime
from typing import NamedTuple

import numpy as np

from .. import inputs
from .anonymity import one_kind, ranked


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
        return _shares(self.eccentricity >= inputs.real("threshold", threshold), self.right)

    def named_by_fit(self, least=None):
        """The same by fit: who is claimed is the only user to fit ``least`` known ratings; all unless told."""
        least = self.known if least is None else np.full(len(self.known), inputs.real("least", least, 0))
        enough = self.fits >= least[:, None]
        return _shares(enough.sum(axis=1) == 1, enough.argmax(axis=1) == self.place)


def _shares(claimed, right):
    right, wrong = float(np.mean(claimed & right)), float(np.mean(claimed & ~right))
    return {"right": right, "wrong": wrong, "no claim": 1 - right - wrong}


def index_ratings(table):
    """Ratings sorted for scoreboard. table: columns user, film, stars, day, one row a rating.

    day: days since 1 January 1970, or dates of any kind, or their texts ("2015-01-06").
    Raises ValueError for a missing column, a missing value, a film rated twice by one user, stars
    outside 0.5 to 5, and numbers that cannot be days, such as seconds.
    """
    columns = ["user", "film", "stars", "day"]
    inputs.table("table", table, columns)
    if table[columns].isna().any(axis=None):
        raise ValueError("Some ratings lack their user, film, stars or day. Leave those rows out: dropna.")
    if table.duplicated(["user", "film"]).any():
        raise ValueError("Some user rated a film twice. Keep one of the two: drop_duplicates(['user', 'film']).")
    (user, users), (film, films) = (ranked(name, table[name]) for name in ("user", "film"))
    order = np.argsort(film, kind="stable")
    by_user = np.argsort(user[order], kind="stable")
    return Ratings(
        users=np.fromiter(users, object),
        number={name: i for i, name in enumerate(films)},
        start=np.concatenate([[0], np.bincount(film).cumsum()]),
        user=user[order],
        stars=inputs.array("stars", table["stars"], ("n",), 0.5, 5)[order],
        day=_days("day", table["day"])[order],
        of_user=np.split(by_user, np.bincount(user).cumsum()[:-1]),
        films=np.fromiter(films, object),
    )


def _days(name, given):
    """Days since 1 January 1970, of numbers that are days, or of dates and their texts."""
    needed = f"{name} must be dates, or days since 1 January 1970 (seconds divided by 86,400)"
    if getattr(getattr(given, "dtype", None), "kind", "O") not in "iuf":
        given = inputs.column(name, given)
        if any(isinstance(one, (str, datetime.date)) for one in given):
            try:
                dates = [datetime.datetime.fromisoformat(one) if isinstance(one, str) else one for one in given]
                given = [date.toordinal() - 719_163 for date in dates]
            except (AttributeError, ValueError):
                raise ValueError(f"{needed}, such as 2015-01-06, but not all of {given[:3]} are.") from None
    days = inputs.array(name, given, ("n",))
    if np.abs(days).max() > 1e5:  # in the year 2243; the seconds and nanoseconds of last century are more
        raise ValueError(f"{needed}, such as 16441, but {days[np.abs(days).argmax()]:g} was given.")
    return days


def scoreboard(ratings, films, stars, days=None):
    """Scoreboard-RH: how well each user of a release fits what an attacker knows.

    ratings: from index_ratings. films: what the target rated, each once. stars: shape (m,), 0.5 to 5,
    as the attacker believes. days: shape (m,), as in index_ratings, or None if the attacker knows no dates.
    A film counts 1 / log(number of its raters), so that rare films count most; with one rater alone
    the log would be 0, and 2 is taken. A film that nobody in the release rated adds nothing.
    Returns scores, shape (users,), in the order of ratings.users.
    Raises ValueError for no films, for a film given twice, for one that is a text where the release has
    numbers, for other lengths, for stars outside 0.5 to 5, and for days that index_ratings would refuse.
    Source: A. Narayanan, V. Shmatikov, Robust de-anonymization of large sparse datasets, 2008.
    """
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
    stars_off = inputs.real("stars_off", stars_off, 0)
    users, _, stars_apart, days_apart = _apart(ratings, films, stars, days)
    fits = stars_apart <= stars_off
    if days is not None:
        fits &= days_apart <= inputs.real("days_off", days_off, 0)
    return np.bincount(users[fits], minlength=len(ratings.users))


def _apart(ratings, films, stars, days):
    """All ratings of some films: by whom; how many a film; and how far stars and days are from the known ones."""
    _check_index("ratings", ratings)
    if not (films := inputs.sequence("films", films)):
        raise ValueError("Nothing is known of the target: give at least one film with its stars.")
    if len(set(films)) < len(films) or None in films:
        raise ValueError("A film is given twice, or is missing. Keep one of each.")
    places = [ratings.number.get(film) for film in films]
    if None in places:
        one_kind("films", {"the release": [ratings.films[0]], "what is known": films})
    stars = inputs.array("stars", stars, (len(films),), 0.5, 5)
    if days is not None:
        days = inputs.array("days", _days("days", days), (len(films),))
    spans = [slice(0, 0) if place is None else slice(*ratings.start[place : place + 2]) for place in places]
    raters = [span.stop - span.start for span in spans]

    def apart(theirs, known):
        return np.abs(np.concatenate([theirs[span] for span in spans]) - np.repeat(known, raters))

    users = np.concatenate([ratings.user[span] for span in spans])
    return users, raters, apart(ratings.stars, stars), None if days is None else apart(ratings.day, days)


def eccentricity(scores):
    """How far the best score stands above the second, in standard deviations (σ) of all scores.

    0 where the two best are equal. Raises ValueError for fewer than two scores, or one that is no number.
    """
    scores = inputs.array("scores", scores, ("n",))
    if len(scores) < 2:
        raise ValueError("To stand out there must be at least two scores, but there is one.")
    second, best = np.partition(scores, -2)[-2:]
    return float((best - second) / scores.std()) if best > second else 0.0


def recall(ratings, user, n, random, stars_off=1.0, days_off=14, wrong=0):
    """What somebody might know of a user: n ratings drawn at random, none of them quite right.

    ratings: from index_ratings. user: a place in ratings.users. n: how many ratings, at least 1.
    random: a NumPy Generator. stars_off: the largest error of the stars, in steps of a half.
    days_off: the largest error of the day; None: no dates are known.
    wrong: how many of the n are of films that this user never rated. Such a film has the stars of some
    rating of it, and one of the user's own days: the attacker is wrong about the film, not about when.
    A user with fewer ratings is known by all of them, and where there are fewer films to be wrong about,
    fewer are wrong. Returns Memory.
    Raises TypeError or ValueError for a user who is none, n below 1, ``wrong`` outside 0 to n, and errors below 0.
    """
    _check_index("ratings", ratings)
    if not isinstance(random, np.random.Generator):
        raise TypeError(f"random must be np.random.default_rng(seed), but {inputs.described(random)} was given.")
    user, n = inputs.whole("user", user, 0, len(ratings.users) - 1), inputs.whole("n", n, 1)
    wrong, stars_off = inputs.whole("wrong", wrong, 0, n), inputs.real("stars_off", stars_off, 0)
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
    if days_off is not None:
        days_off = inputs.whole("days_off", days_off, 0)
        when = when + random.integers(-days_off, days_off + 1, len(rows))
    return Memory(ratings.films[_film_of(ratings, rows)].tolist(), stars, None if days_off is None else when)


def trial(release, targets, n, source=None, believed=None, stars_off=1.0, days_off=14, wrong=0):
    """Attack each of ``targets`` once, with what recall draws, and look who comes out best, and who fits.

    release: from index_ratings, what was published. targets: names of users, as in source.users.
    source: from index_ratings, where the attacker's knowledge comes from; the release unless told. A
    target who is in the source and not in the release can only be named wrongly.
    n, stars_off, days_off, wrong: as in recall. believed: the largest error of the stars that the attacker
    reckons with when asking who fits; unless told, the largest there is.
    Returns Trial. Raises ValueError for no target or an unknown one, and as recall does.
    """
    _check_index("release", release)
    source = release if source is None else _check_index("source", source)
    if not (targets := inputs.column("targets", targets)):
        raise ValueError("There are no targets to attack: targets is empty.")
    place, there = ({name: i for i, name in enumerate(some.users.tolist())} for some in (source, release))
    if unknown := [name for name in targets if name not in place]:
        raise ValueError(f"There is no user {unknown[0]!r} whose ratings the attacker could know.")
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
    places = np.array([there.get(name, -1) for name in targets])
    return Trial(np.array(ahead), np.array(right, bool), np.array(fits), places, np.array(known))


def _film_of(ratings, rows):
    return np.searchsorted(ratings.start, rows, side="right") - 1


def _check_index(name, ratings):
    if not isinstance(ratings, Ratings):
        raise TypeError(f"{name} must come from index_ratings, but {inputs.described(ratings)} was given.")
    return ratings
