"""How fast the attacks of notebook 2 are, and how Scoreboard-RH grows. Prints ratios of one run.

    python tests/benchmarks/benchmark_reidentification.py

Scoreboard-RH is compared with plain dictionaries and with a pandas merge, on the same targets;
it stops if their scores differ. Takes about a minute on two cores.
"""

import sys
import time
from pathlib import Path

import ipywidgets
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[2]))
from helpers import data, figures, reidentification


def timed(work, *args):
    start = time.perf_counter()
    result = work(*args)
    return result, time.perf_counter() - start


def by_merge(table, weight, users, memory):
    """Scoreboard-RH with a pandas merge."""
    known = pd.DataFrame({"film": memory.films, "their_stars": memory.stars, "their_day": memory.days})
    rows = table.merge(known, on="film")
    fit = np.exp(-(rows["stars"] - rows["their_stars"]).abs() / 1.5)
    fit += np.exp(-(rows["day"] - rows["their_day"]).abs() / 30)
    return (fit * rows["film"].map(weight)).groupby(rows["user"]).sum().reindex(users, fill_value=0).to_numpy()


def scoreboards():
    table = data.film_ratings()
    index, seconds = timed(reidentification.index_ratings, table)
    print(f"index of {len(table):,} ratings      {1000 * seconds:8.1f} ms")
    random = np.random.default_rng(0)
    memories = [reidentification.recall(index, user, 8, random) for user in range(len(index.users))]
    records = {user: {} for user in index.users.tolist()}
    for user, film, stars, day in table[["user", "film", "stars", "day"]].itertuples(index=False):
        records[user][film] = (stars, day)
    raters = table["film"].value_counts().to_dict()
    weight = {film: 1 / np.log(max(n, 2)) for film, n in raters.items()}

    def plain(memory):
        known = {f: (s, d) for f, s, d in zip(*memory, strict=True)}
        return list(reidentification.scoreboard_plain(records, raters, known).values())

    def repeat(score, some):
        return [score(memory) for memory in some]

    repeat(lambda m: reidentification.scoreboard(index, *m), memories)  # warm up
    fast, seconds = timed(repeat, lambda m: reidentification.scoreboard(index, *m), memories)
    each = seconds / len(memories)
    print(f"Scoreboard-RH, 8 known, 671 users  {1000 * each:8.3f} ms a target     1.0x  (goal 0.1 ms)")
    for name, score, some in (
        ("plain dictionaries", plain, memories[:100]),
        ("a pandas merge", lambda m: by_merge(table, weight, index.users, m), memories[:100]),
    ):
        slow, seconds = timed(repeat, score, some)
        assert all(np.allclose(a, b) for a, b in zip(slow, fast, strict=False))
        print(f"  {name:33}{1000 * seconds / len(some):8.3f} ms a target  {seconds / len(some) / each:6.1f}x")


def growth():
    """Simulated users: films as often rated as in MovieLens, about 150 ratings each."""
    table = data.film_ratings()
    share = table["film"].value_counts(normalize=True)
    random = np.random.default_rng(0)
    for users in (671, 10_000, 100_000):
        many = pd.DataFrame(
            {
                "user": np.repeat(np.arange(users), 150),
                "film": random.choice(share.index.to_numpy(), users * 150, p=share.to_numpy()),
            }
        ).drop_duplicates()
        many["stars"] = random.integers(1, 11, len(many)) / 2
        many["day"] = random.integers(9_000, 17_000, len(many))
        index, seconds = timed(reidentification.index_ratings, many)
        memories = [reidentification.recall(index, user, 8, random) for user in range(100)]
        _, each = timed(lambda: [reidentification.scoreboard(index, *m) for m in memories])  # noqa: B023
        print(f"{users:8,} users: {10 * each:8.2f} ms a target; index of {len(many):,} ratings {seconds:.1f} s")


def others():
    random = np.random.default_rng(0)
    sizes = (50, 80, 2, 2, 8, 12, 6, 7)
    million = pd.DataFrame({f"c{i}": random.integers(0, n, 1_000_000) for i, n in enumerate(sizes)})
    _, seconds = timed(reidentification.group_sizes, million, list(million.columns))
    print(f"uniqueness, a million rows, 8 columns   {seconds:6.2f} s  (goal 1 s)")
    people = data.survey()
    people = people[people["vote"].notna()][:30_000]
    codes = reidentification.ordinal_codes(people, ["state", "age", "sex", "degree", "race", "income"])
    _, seconds = timed(reidentification.mondrian, codes, 5)
    print(f"Mondrian, k = 5, {len(codes):,} rows           {seconds:6.2f} s  (goal 0.5 s)")
    for n in (300, 1_000):
        secret = random.random(n) < 0.5
        queries = random.integers(0, 2, (4 * n, n)).astype(float)
        answers = queries @ secret + 0.25 * np.sqrt(n) * random.normal(size=4 * n)
        found, seconds = timed(reidentification.reconstruct, queries, answers)
        print(
            f"reconstruction, n = {n:5,}, 4n counts     {seconds:6.2f} s  (goal 1 s at 1,000)  "
            f"{np.mean(found == secret):.1%} right"
        )
    secret, queries = secret[:200], queries[:800, :200]
    answers = queries @ secret + 0.25 * np.sqrt(200) * random.normal(size=800)
    found, seconds = timed(reidentification.reconstruct_linear_program, queries, answers)
    print(f"linear program, n = 200, 4n counts      {seconds:6.2f} s  {np.mean(found == secret):.1%} right")


def widget_frames():
    """One frame of each widget: what stands between a move of the control and the new picture."""
    people = data.survey(iona=True)
    index = reidentification.index_ratings(data.film_ratings(iona=True))
    names = ["Iona" if user == 0 else "another user" for user in index.users]
    six = ["state", "age", "sex", "degree", "race", "income"]
    parts = pd.DataFrame(np.full((3, 3), 33.3), ["day", "month", "year"], ["right name", "wrong name", "no name"])
    columns = ["exposed: other", "exposed: Republican", "by chance", "80 % agree", "loss of detail"]
    anonymity = pd.DataFrame(np.ones((7, 5)), [2, 3, 5, 10, 20, 50, 100], columns)
    curve = pd.Series(np.linspace(50, 100, 8), [50, 100, 150, 200, 250, 400, 800, 1600])
    scored = lambda: reidentification.scoreboard(index, [356, 1, 50, 608], [4, 4, 4, 4])  # noqa: E731
    for name, draw in {
        "people like you": lambda: figures.group_histogram(reidentification.group_sizes(people, six), six),
        "linkage": lambda: figures.stacked_bars(parts, "Title", "%"),
        "k-anonymity": lambda: figures.anonymity(anonymity, 5, "A note."),
        "four films": lambda: figures.suspects(names, scored()),
        "reconstruction": lambda: figures.reconstruction(np.ones(200, bool), curve, 800, 79),
    }.items():
        view = ipywidgets.HTML()
        draw()  # the first draw loads fonts

        def move(draw=draw, view=view):
            view.value = draw()._repr_html_()

        _, seconds = timed(lambda: [move() for _ in range(5)])  # noqa: B023
        print(f"widget, {name:18}              {200 * seconds:6.0f} ms  (goal 100 ms)")


def main():
    print(f"numpy {np.__version__}, pandas {pd.__version__}")
    scoreboards()
    growth()
    others()
    widget_frames()


if __name__ == "__main__":
    main()
