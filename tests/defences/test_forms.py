"""The same numbers in every usual form give the same result, and what is missing is named."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers import defences
from helpers.defences import data, figures, noise

SECRET = [0, 1, 0, 0, 1, 0, 0, 1, 0, 0]
COUNTS = [21.0, 14.0, 19.0, 21.0, 5.0]
NULLABLE = ["Int64", "Float64", "int8", "float32", "category"]


def forms(numbers):
    """A list of whole numbers in the forms in which people have them."""
    yield from (tuple(numbers), np.array(numbers), np.array(numbers, dtype=object), torch.tensor(numbers))
    yield from (np.array(numbers, np.float32), pd.Index(numbers))
    for dtype in NULLABLE:
        yield pd.Series(numbers, dtype=dtype)
    yield pd.Series(numbers, index=range(len(numbers))[::-1], name="reversed")
    yield pd.Series(numbers, index=[7] * len(numbers))  # the same label everywhere
    yield pd.Series([*numbers, 99])[:-1]  # filtered
    yield pd.Series(numbers, dtype=pd.CategoricalDtype(sorted(set(numbers), reverse=True), ordered=True))


def published(counts, epsilon=1.0, sensitivity=1):
    return defences.laplace_mechanism(counts, epsilon, sensitivity, np.random.default_rng(3))


def test_noisy_counts_do_not_depend_on_the_form_of_the_counts():
    expected = published(COUNTS)
    for counts in forms([int(count) for count in COUNTS]):
        assert np.array_equal(published(counts), expected), counts
    assert np.array_equal(published(pd.Series([True, False, True])), published([1, 0, 1]))
    assert np.array_equal(published(pd.Series([True, False], dtype="boolean")), published([1, 0]))
    assert published(COUNTS[:1]).shape == (1,) and published(np.ones((4, 3))).shape == (4, 3)


@pytest.mark.parametrize("one", [2, 2.0, np.int64(2), np.float32(2), np.array(2), torch.tensor(2.0)])
def test_numbers_in_every_form(one):
    assert np.array_equal(published(COUNTS, one, one), published(COUNTS))
    assert defences.strongest_belief(0.2, one) == defences.strongest_belief(np.float64(0.2), 2)
    assert defences.laplace_auc(one) == defences.laplace_auc(2)
    assert figures.on_one_scale(one, 0, 4) == 0.5


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, "a text"])
def test_a_count_that_is_missing_or_no_number_is_named(missing):
    for counts in ([1, missing], pd.Series([1, missing], dtype=object), np.array([1, missing], dtype=object)):
        with pytest.raises((TypeError, ValueError), match="counts"):
            published(counts)
    if not isinstance(missing, str):
        for dtype in ("Int64", "Float64", "category"):
            with pytest.raises((TypeError, ValueError), match="counts"):
                published(pd.Series([1, missing], dtype=dtype))


def test_no_count_and_what_is_no_list_are_named():
    for wrong in ([], 5, "123", b"12", {"a": 1}, None, [[1], [1, 2]], pd.DataFrame()):
        with pytest.raises((TypeError, ValueError), match="counts must"):
            published(wrong)


def test_the_attack_does_not_align_by_labels():
    random = np.random.default_rng(0)
    queries = random.integers(0, 2, (8, 5))
    answers = random.integers(0, 5, 8).tolist()
    expected = defences.expected_answers(queries, answers, 1.0)
    tables = [queries.tolist(), pd.DataFrame(queries), pd.DataFrame(queries, index=range(8)[::-1]), queries == 1]
    for table in [*tables, torch.tensor(queries), pd.DataFrame(queries).astype("Int64")]:
        for form in forms(answers):
            assert np.array_equal(defences.expected_answers(table, form, 1.0), expected)
    for wrong in (answers[:-1], [None, *answers[1:]], pd.DataFrame(answers)):
        with pytest.raises((TypeError, ValueError), match="answers"):
            defences.expected_answers(queries, wrong, 1.0)
    with pytest.raises(ValueError, match="queries must lie from 0 to 1"):
        defences.expected_answers(2 * queries, answers, 1.0)


def test_a_trial_takes_answers_in_every_form():
    expected = defences.noisy_counts_trial(SECRET, 20, 1.0, 4)
    for secret in [*forms(SECRET), pd.Series(SECRET, dtype=bool), pd.Series(SECRET, dtype="boolean")]:
        assert defences.noisy_counts_trial(secret, 20, 1.0, 4) == expected, secret
    for wrong in ([0, 0], [1], [0, 1, 2], [0, 1, 0.5]):
        with pytest.raises(ValueError, match="secret must hold zeros and ones, and both"):
            defences.noisy_counts_trial(wrong, 20, 1.0, 4)
    for wrong in ([0, 1, None], pd.Series([0, 1, None], dtype="Int64"), pd.DataFrame({"in_debt": SECRET})):
        with pytest.raises((TypeError, ValueError), match="secret"):
            defences.noisy_counts_trial(wrong, 20, 1.0, 4)
    # One count, in which nobody may stand: no number is infinite, and nothing is said of a sensitivity of 0.
    assert all(np.isfinite(list(defences.noisy_counts_trial([0, 1], 1, 1.0, seed).values())).all() for seed in range(9))


def test_networks_take_labels_in_every_form_and_pictures_in_double_precision(small):
    x, y = small.digits_x[:12], small.digits_y[:12]
    expected = defences.clipped_gradients(small.model, x, y, 1)
    sent = small.model.sent(x)
    found = defences.found_by_matching(small.model, sent, x, y)
    pools = [(x[:6], y[:6]), (x[6:], y[6:])]
    score = defences.membership([small.model] * 2, pools)
    for labels in forms(y.tolist()):
        for pictures in (x, x.double()):
            again = defences.clipped_gradients(small.model, pictures, labels, 1)
            assert all(torch.equal(a, b) for a, b in zip(again, expected, strict=True))
            assert torch.equal(defences.found_by_matching(small.model, sent, pictures, labels), found)
        pairs = [(x[:6], labels[:6]), (x[6:], labels[6:])]
        assert defences.membership((small.model,) * 2, pairs) == score
    assert torch.equal(noise.before_noise(small.model, x.double()), noise.before_noise(small.model, x))
    layer, cases = small.model.first_part[0], ((sent, 1, x), (sent.double(), np.float32(1), x))
    first, second = (defences.most_probable(messages, layer, scale, own) for messages, scale, own in cases)
    assert torch.allclose(first, second, atol=1e-3)
    for wrong in (y[:5], y + 5, y + 0.5, [None] * 12):
        with pytest.raises((TypeError, ValueError), match="labels"):
            defences.clipped_gradients(small.model, x, wrong, 1)


def test_samples_that_are_missing_or_infinite_are_refused():
    good = torch.arange(12.0).reshape(6, 2)
    for wrong in (torch.nan, torch.inf):
        bad = good.clone()
        bad[2, 1] = wrong
        for correlation in (defences.distance_correlation, defences.unbiased_distance_correlation_sqr):
            with pytest.raises(ValueError, match="finite numbers"):
                correlation(good, bad)
    assert defences.distance_correlation(good.double(), good).item() == pytest.approx(1, abs=1e-5)


def test_extreme_settings_of_belief_are_no_raw_errors():
    for function in (defences.laplace_auc, lambda epsilon: defences.strongest_belief(0.2, epsilon)):
        with pytest.raises(ValueError, match="epsilon must be a finite number at least 0"):
            function(np.inf)


GRID = pd.DataFrame([[90.0, 80.0], [70.0, np.nan]], [0.0, 1.0], [0.0, 2.0])


def test_figures_take_numbers_in_every_form():
    alt = figures.grid_tables([GRID], ["reads"], "T").alt
    for table in (GRID.astype("Float64"), GRID.astype(object), GRID.astype("Int64"), GRID.set_axis(["a", "a"])):
        assert figures.grid_tables((table,), iter(["reads"]), "T").alt == alt
    right = pd.DataFrame({10: [80, 90], 800: [79, 60]}, [1, 100])
    alt = figures.attack_and_error(right, right, right, 100, 800, 79).alt
    for table in (right.astype("Int64"), right.astype(object), right.set_axis([1.0, 100.0])):
        assert figures.attack_and_error(table, table, table, 100.0, 800, np.int64(79)).alt == alt
    row, pictures = defences.read_grid().loc[19], defences.read_grid_pictures()[19]
    hers = torch.zeros(4, 784)
    alt = figures.grid_cell(row, hers, pictures).alt
    assert figures.grid_cell(dict(row), hers.numpy(), torch.tensor(pictures)).alt == alt
    assert (
        figures.frontiers({"A": {"one": np.array([10, 90])}}, "T").alt
        == figures.frontiers({"A": {"one": (10, 90)}}, "T").alt
    )


def test_figures_refuse_more_than_all_can_tell_apart():
    with pytest.raises(ValueError, match="can show 6 series that all can tell apart, but 7 were given"):
        figures.frontiers({"A": {str(i): (i, i) for i in range(7)}}, "T")
    with pytest.raises(ValueError, match="can show 3 series"):
        figures.frontiers({str(i): {"one": (1, 1)} for i in range(4)}, "T")
    with pytest.raises(ValueError, match="one must lie from 0 to 100"):
        figures.frontiers({"A": {"one": (-1, 101)}}, "T")


def test_no_point_of_the_attack_lies_outside_its_panel():
    low = pd.DataFrame({10: [20.0, 30.0], 800: [25.0, 99.0]}, [0.5, 100])
    wide = pd.DataFrame({10: [0.001, 2.0], 800: [5.0, 1e6]}, [0.5, 100])
    drawn = figures.attack_and_error.__wrapped__(low, wide, wide, 100, 800, 79)[0]
    for axes in drawn.axes:
        bottom, top = axes.get_ylim()
        assert all(bottom <= line.get_ydata().min() and line.get_ydata().max() <= top for line in axes.lines[:2])


@pytest.mark.parametrize("content", [b"", b"when,noise\n", b"<html>not found</html>", b"\x1f\x8b\x08\x00\xff", None])
def test_a_stored_file_that_is_broken_says_how_to_get_it_back(monkeypatch, tmp_path, content):
    whole = data.GRID_TABLE.read_bytes()
    readers = {
        "GRID_TABLE": defences.read_grid,
        "GRID_PICTURES": defences.read_grid_pictures,
        "CONV_TABLE": defences.read_conv_grid,
    }
    for name, read in readers.items():
        broken = tmp_path / name
        cut = data.__dict__[name].read_bytes()
        broken.write_bytes(cut[: len(cut) // 2] if content is None else content)
        monkeypatch.setattr(data, name, broken)
        with pytest.raises(RuntimeError, match=rf"{name} is broken \(.*\)\. Compute it, .* notebooks/compute_grid.py"):
            read()
    (tmp_path / "published.csv").write_bytes(whole[:0] if content is None else content)
    monkeypatch.setattr(data, "GRID_TABLE", tmp_path / "grid.csv")
    with pytest.raises(RuntimeError, match="published.csv is broken .* Fetch it again"):
        defences.read_published()
    (tmp_path / "published.csv").unlink()
    with pytest.raises(FileNotFoundError, match="published.csv is missing"):
        defences.read_published()


def test_a_grid_that_is_cut_in_its_last_line_is_seen(monkeypatch, tmp_path):
    short = tmp_path / "grid.csv"
    for name, read, rows in (("GRID_TABLE", defences.read_grid, 36), ("CONV_TABLE", defences.read_conv_grid, 14)):
        short.write_bytes(getattr(data, name).read_bytes()[:-20])
        monkeypatch.setattr(data, name, short)
        with pytest.raises(RuntimeError, match=f"it should have {rows} whole rows"):
            read()
