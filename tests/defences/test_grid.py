"""Two cells of the grid, computed again."""

import numpy as np
import pytest

from helpers import defences
from notebooks import compute_grid as grid


def test_two_cells_computed_again_agree_with_the_stored_grid():
    cells = [("in training", 1.0, 0.5), ("after training", 1.5, 0.0)]
    again, pictures = grid.compute_grid(cells)
    stored = defences.read_grid().set_index(["when", "noise", "nopeek"])
    for _, row in again.set_index(["when", "noise", "nopeek"]).iterrows():
        expected = stored.loc[row.name]
        assert row["accuracy"] == pytest.approx(expected["accuracy"], abs=0.03)
        assert row["spread"] == pytest.approx(expected["spread"], rel=0.05)
        for name in ("dcor", "dcor_floor", "dcor_unbiased_sqr", "dcor_unbiased_sqr_floor"):
            assert row[name] == pytest.approx(expected[name], abs=0.03), name
        for name in defences.ATTACKERS:
            assert row[f"{name}_mse"] == pytest.approx(expected[f"{name}_mse"], rel=0.05)
            assert row[f"{name}_ssim"] == pytest.approx(expected[f"{name}_ssim"], abs=0.03)
            assert row[f"{name}_read"] == pytest.approx(expected[f"{name}_read"], abs=0.04)
            assert row[f"{name}_found"] == pytest.approx(expected[f"{name}_found"], abs=0.06)
    here = [grid.grid_cells().index(cell) for cell in cells]
    # What all but the unaware attacker draw. Another PyTorch draws other noise, but no other digits.
    drawn = (pictures.reshape(2, 20, 784) / 127.5 - 1)[:, 8:].reshape(2, 3, 4, 784)
    kept = defences.read_grid_pictures()[here][:, 8:].reshape(2, 3, 4, 784)
    assert np.abs(drawn - kept).mean() < 0.5 * np.abs(drawn - np.roll(kept, 1, axis=2)).mean()


@pytest.mark.slow
def test_a_cell_of_the_papers_network_computed_again_agrees_with_the_stored_one():
    cells = [("in training", 1.0, 0.0)]
    again = grid.compute_conv_grid(cells).iloc[0]
    kept = defences.read_conv_grid().set_index(["when", "noise", "nopeek"]).loc[cells[0]]
    assert again["accuracy"] == pytest.approx(kept["accuracy"], abs=0.03)
    for name in ("dcor", "dcor_redrawn", "read"):
        assert again[f"published_{name}"] == pytest.approx(kept[f"published_{name}"], abs=0.04), name
    for name in ("informed", "persistent"):
        assert again[f"{name}_mse"] == pytest.approx(kept[f"{name}_mse"], rel=0.1)
        assert again[f"{name}_read"] == pytest.approx(kept[f"{name}_read"], abs=0.05)
        assert again[f"{name}_found"] == pytest.approx(kept[f"{name}_found"], abs=0.08)
    assert again["matching_found"] == pytest.approx(kept["matching_found"], abs=0.08)


def test_noise_is_added_in_training_or_after():
    for compute in (grid.compute_grid, grid.compute_conv_grid):
        with pytest.raises(ValueError, match="not 'before training'"):
            compute([("before training", 1.0, 0.0)])


def test_the_command_names_its_grids():
    with pytest.raises(SystemExit, match="write dense, conv, or nothing for both"):
        grid.main(["sparse"])


def test_against_one_message_both_defences_do_more_than_either_and_against_sixteen_hardly():
    grid = defences.read_grid().set_index(["when", "noise", "nopeek"])
    both, late = grid.loc["in training", 2, 1], grid.loc["after training", 2, 1]
    for alone in ((2, 0), (0, 1)):
        assert both["white-box_found"] < 0.45 < grid.loc[("in training", *alone), "white-box_found"]
    assert late["white-box_found"] < 0.25 and both["persistent_read"] > 0.85
