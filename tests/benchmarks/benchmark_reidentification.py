"""Tasks of notebook 2. Run them with ``python tests/benchmarks``."""

import math

import numpy as np
import pandas as pd
from common import Work, task

from helpers import reidentification
from helpers.reidentification import data

SIX = ["state", "age", "sex", "degree", "race", "income"]


@task("uniqueness on 8 columns, rows", "pandas groupby", (10_000, 100_000, 1_000_000), "≤ 1 s")
def uniqueness(size):
    random = np.random.default_rng(0)
    sizes = (50, 80, 2, 2, 8, 12, 6, 7)
    table = pd.DataFrame({f"c{i}": random.integers(0, n, size) for i, n in enumerate(sizes)})

    def plain():
        return table.groupby(list(table.columns))["c0"].transform("size").to_numpy()

    return Work(
        lambda: reidentification.group_sizes(table, list(table.columns)), plain, np.array_equal, moved=8 * 8 * size
    )


@task("Mondrian, k = 5, rows", "recursion on DataFrames", (3_000, 10_000, 30_000), "≤ 0.5 s")
def mondrian(size):
    people = data.survey()
    people = people[people["vote"].notna()][:size]
    codes = reidentification.ordinal_codes(people, SIX)
    scaled = pd.DataFrame(codes / np.maximum(np.ptp(codes, axis=0), 1), columns=SIX)

    def divide(part):
        for name in (part.max() - part.min()).sort_values(ascending=False, kind="stable").index:
            values = part[name]
            median = values.sort_values().iloc[len(part) // 2]
            for low in (values < median, values <= median):
                if 5 <= low.sum() <= len(part) - 5:
                    return divide(part[low]) + divide(part[~low])
        return [part.index]

    def same(parts, classes):
        return len(parts) == classes.max() + 1 and all(len(set(classes[part])) == 1 for part in parts)

    return Work(lambda: reidentification.mondrian(codes, 5), lambda: divide(scaled), same)


def _ratings(users):
    """MovieLens for 671 users; for more, simulated ones: films as often rated, about 150 ratings each."""
    table = data.film_ratings()
    if users == 671:
        return table
    share = table["film"].value_counts(normalize=True)
    random = np.random.default_rng(0)
    films = random.choice(share.index.to_numpy(), users * 150, p=share.to_numpy())
    many = pd.DataFrame({"user": np.repeat(np.arange(users), 150), "film": films}).drop_duplicates()
    return many.assign(stars=random.integers(1, 11, len(many)) / 2, day=random.integers(9_000, 17_000, len(many)))


def _scoreboard(users, plain_of):
    table, random = _ratings(users), np.random.default_rng(0)
    index = reidentification.index_ratings(table)
    memories = [reidentification.recall(index, user, 8, random) for user in range(100)]

    def same(a, b):
        return all(np.allclose(one, other) for one, other in zip(a, b, strict=False))

    few = memories[:20] if users > 671 else memories
    return Work(
        lambda: [reidentification.scoreboard(index, *memory) for memory in memories],
        plain_of(table, few),
        same,
        share=len(few) / len(memories),
    )


def scoreboard_plain(records, raters, known):
    """Scoreboard-RH as published, with dictionaries: what reidentification.scoreboard is compared with.

    records: from a user to a dictionary from film to (stars, day). raters: how many rated a film.
    known: from film to (stars, day). Returns a dictionary from user to score.
    """
    scores = {}
    for user, record in records.items():
        score = 0.0
        for film, (stars, day) in known.items():
            if film in record:
                their_stars, their_day = record[film]
                fit = math.exp(-abs(stars - their_stars) / 1.5) + math.exp(-abs(day - their_day) / 30)
                score += fit / math.log(max(raters[film], 2))
        scores[user] = score
    return scores


def _dictionaries(table, memories):
    def plain():
        return [
            list(scoreboard_plain(records, raters, known).values())
            for known in ({f: (s, d) for f, s, d in zip(*memory, strict=True)} for memory in memories)
        ]

    records = {user: {} for user in sorted(set(table["user"].tolist()))}
    for user, film, stars, day in table[["user", "film", "stars", "day"]].itertuples(index=False):
        records[user][film] = (stars, day)
    raters = table["film"].value_counts().to_dict()
    return plain


def _merge(table, memories):
    weight = 1 / np.log(table["film"].value_counts().clip(lower=2))
    users = np.unique(table["user"])

    def score(memory):
        known = pd.DataFrame({"film": memory.films, "their_stars": memory.stars, "their_day": memory.days})
        rows = table.merge(known, on="film")
        fit = np.exp(-(rows["stars"] - rows["their_stars"]).abs() / 1.5)
        fit += np.exp(-(rows["day"] - rows["their_day"]).abs() / 30)
        return (fit * rows["film"].map(weight)).groupby(rows["user"]).sum().reindex(users, fill_value=0).to_numpy()

    return lambda: [score(memory) for memory in memories]


@task("Scoreboard-RH, 100 targets, MovieLens", "dictionaries", (671,), "≥ 12x, ≤ 10 ms")
def scoreboard(users):
    return _scoreboard(users, _dictionaries)


@task("Scoreboard-RH, 100 targets, MovieLens again", "a pandas merge", (671,), "≥ 30x")
def scoreboard_merge(users):
    return _scoreboard(users, _merge)


@task("Scoreboard-RH, 100 targets, simulated users", "a pandas merge", (1_000, 10_000, 100_000))
def scoreboard_growth(users):
    return _scoreboard(users, _merge)


@task("reconstruction from 4n counts, people", "NumPy's lstsq", (250, 500, 1_000), "≤ 1 s")
def reconstruction(n):
    random = np.random.default_rng(0)
    secret = random.random(n) < 0.5
    queries = random.integers(0, 2, (4 * n, n)).astype(float)
    answers = queries @ secret + 0.25 * np.sqrt(n) * random.normal(size=4 * n)

    def plain():
        return 0.5 + np.linalg.lstsq(queries, answers - 0.5 * queries.sum(axis=1), rcond=None)[0] > 0.5

    # Half of a symmetric product, and a solution. The limit is measured in float32; these are float64 and count twice.
    flops = 2 * (n**2 * 4 * n + 2 / 3 * n**3)
    return Work(lambda: reidentification.reconstruct(queries, answers), plain, np.array_equal, flops=flops)
