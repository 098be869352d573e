"""The stored grid, and two of its cells computed again."""

import numpy as np
import pytest
import torch

from helpers import defences

KEY = bytes(range(32))


def test_the_stored_grid_is_whole():
    grid, pictures = defences.read_grid(), defences.read_grid_pictures()
    assert len(grid) == 36 and (grid["seed"] == defences.SEED).all()
    assert list(grid[["when", "noise", "nopeek"]].itertuples(index=False, name=None)) == defences.grid_cells()
    shares = grid.filter(regex="_(read|found)$|accuracy")
    assert not shares.drop(columns="published_read").isna().any(axis=None)
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    assert pictures.shape == (36, 16, 784) and -1 <= pictures.min() < pictures.max() <= 1


def test_two_cells_computed_again_agree_with_the_stored_grid():
    cells = [("in training", 1.0, 0.5), ("after training", 1.5, 0.0)]
    again, pictures = defences.compute_grid(cells)
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
    here = [defences.grid_cells().index(cell) for cell in cells]
    apart = np.abs(pictures.reshape(2, 16, 784) / 127.5 - 1 - defences.read_grid_pictures()[here])
    assert apart[:, 8:].mean() < 0.1  # what the informed and the averaging attacker draw


def test_a_missing_grid_says_how_to_compute_it(monkeypatch, tmp_path):
    for name, read in (("GRID_TABLE", defences.read_grid), ("GRID_PICTURES", defences.read_grid_pictures)):
        monkeypatch.setattr(defences, name, tmp_path / "gone")
        with pytest.raises(FileNotFoundError, match="python -m helpers.defences"):
            read()


def test_a_client_is_defended_in_training_or_after():
    with pytest.raises(ValueError, match="not 'before training'"):
        defences.defended_client("before training", 1.0, 0.0, torch.zeros(1, 784), torch.zeros(1, dtype=torch.long))
