"""The grid and the published numbers, as they are stored."""

import pytest

from helpers import defences
from helpers.defences import data
from notebooks import compute_grid as grid


def test_the_stored_grid_is_whole():
    table, pictures = defences.read_grid(), defences.read_grid_pictures()
    assert len(table) == 36 and (table["seed"] == grid.SEED).all()
    assert list(table[["when", "noise", "nopeek"]].itertuples(index=False, name=None)) == grid.grid_cells()
    shares = table.filter(regex="_(read|found)$|accuracy")
    assert not shares.drop(columns=["published_read", "accuracy_untold"]).isna().any(axis=None)
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    assert pictures.shape == (36, 20, 784) and -1 <= pictures.min() < pictures.max() <= 1


def test_the_stored_cells_of_the_papers_network_are_whole():
    table = defences.read_conv_grid()
    assert list(table[["when", "noise", "nopeek"]].itertuples(index=False, name=None)) == list(data.CONV_CELLS)
    assert (table["seed"] == grid.SEED).all()
    inside, after = table[table["when"] == "in training"], table[table["when"] == "after training"]
    published = ["published_dcor", "published_dcor_redrawn", "published_read"]
    assert not inside.drop(columns="accuracy_untold").isna().any(axis=None)
    assert not after.drop(columns=published).isna().any(axis=None)
    shares = table.filter(regex="_(read|found)$|accuracy")
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    # Each cell has its counterpart in what the authors publish.
    assert set(data.CONV_CELLS) <= set(defences.read_published().index)


def test_a_missing_grid_says_how_to_compute_it(monkeypatch, tmp_path):
    readers = {
        "GRID_TABLE": defences.read_grid,
        "GRID_PICTURES": defences.read_grid_pictures,
        "CONV_TABLE": defences.read_conv_grid,
    }
    for name, read in readers.items():
        monkeypatch.setattr(data, name, tmp_path / "gone")
        with pytest.raises(FileNotFoundError, match="python notebooks/compute_grid.py"):
            read()


def test_published_numbers_are_by_cell_and_say_what_is_missing():
    table = defences.read_published()
    assert list(table.columns) == ["accuracy", "dcor", "dcor_redrawn", "read"]
    assert table.loc[("in training", 0.5, 0.0)].tolist() == [98.24, 0.795, 0.939, 95.7]
    assert table.loc[("in training", 0.0, 5.0)].isna().tolist() == [False, False, True, True]
    assert table.index.is_unique and set(table.index.unique("when")) == {"in training", "after training"}
