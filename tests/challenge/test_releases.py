"""A release is made again the same, holds no secret, and shares none with another's."""

import json
import os
import stat
import zipfile

import numpy as np
import pandas as pd
import pytest

from helpers import challenge
from helpers.challenge import files, releases


def same(one, other):
    if isinstance(one, pd.DataFrame):
        return one.reset_index(drop=True).astype(str).equals(other.reset_index(drop=True).astype(str))
    return np.array_equal(one, other)


def test_it_is_made_again_the_same_and_for_another_differently(two):
    for number in (1, 2, 3, 5):  # 4 trains a model, whose last bits the machine may round otherwise
        again, other = challenge.release(number, two[0].source), challenge.release(number, two[1].source)
        for name, part in two[0].made[number].items():
            assert same(part, again[name]), (number, name)
            assert not same(part, other[name]), (number, name)


def test_no_two_students_share_a_secret(two):
    one, other = ({n: challenge.secret(n, some.source) for n in challenge.NUMBERS} for some in two)
    assert not set(one[1]["log"]) & set(other[1]["log"]) and not set(one[1]["letters"]) & set(other[1]["letters"])
    assert one[2]["diaries"] != other[2]["diaries"] and one[2]["debts"] != other[2]["debts"]
    assert not np.array_equal(one[3]["pictures"], other[3]["pictures"])
    assert not set(one[4]["messages"]) & set(other[4]["messages"])


@pytest.fixture
def folder(two, tmp_path):
    files.write(two[0].made, tmp_path)
    return tmp_path


def test_no_secret_stands_in_a_folder(two, folder):
    hidden = {number: challenge.secret(number, two[0].source) for number in challenge.NUMBERS}
    content = {path.name: path.read_bytes() for path in folder.iterdir()}
    everything = b"\n".join(content.values())
    told = [*hidden[1]["log"], *hidden[1]["letters"], *hidden[4]["messages"], two[0].source.key.hex()]
    assert len(told) == 40 + 2 + 20 + 1 and not [one for one in told if one.encode() in everything]
    assert two[0].source.key not in everything and bytes(hidden[2]["debts"]) not in everything
    assert hidden[3]["pictures"].tobytes()[:784] not in everything
    about = json.loads(content["challenge.json"])
    assert set(about) == {"pack", "name", "seal", "parts", "texts"}
    assert hidden[4]["number"] not in about["texts"]["4 prompt"] and sum(map(len, content.values())) < 3e6
    assert {path.suffix for path in folder.iterdir()} == {".csv", ".json", ".safetensors"}


def test_a_folder_gives_back_what_was_made(two, folder):
    read = challenge.load(folder)
    assert (read.name, read.seal) == (two[0].made.name, two[0].made.seal)
    for number in challenge.NUMBERS:
        assert set(read[number]) == set(two[0].made[number])
        for name, part in two[0].made[number].items():
            assert same(part, read[number][name]), (number, name)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_everybody_may_read_the_arrays(folder):
    assert stat.S_IMODE((folder / "arrays.safetensors").stat().st_mode) == 0o644


def test_a_zip_or_no_folder_is_told(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("mine.zip", "w") as archive:
        archive.write("challenge.json")
    with pytest.raises(ValueError, match="mine.zip is a zip: unpack it first"):
        challenge.load("mine.zip")
    with pytest.raises(ValueError, match="There is no folder Ada-1 ") as raised:
        challenge.load("Ada-1")
    assert str(tmp_path) in str(raised.value)


def test_the_digits_stand_in_no_list(two):
    from helpers.inversion import data

    digits = data.digits()
    known = {picture.tobytes() for part in digits for picture in part.pixels}
    assert not known & {picture.tobytes() for picture in challenge.secret(3, two[0].source)["pictures"]}


def test_some_diaries_belong_to_nobody_but_not_all(two):
    for some in two:
        assert 2 <= challenge.secret(2, some.source)["diaries"].count(None) <= 4


@pytest.mark.parametrize("missing", ["challenge.json", "arrays.safetensors"])
def test_a_torn_folder_is_named(folder, missing):
    (folder / missing).write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="is not a whole challenge folder"):
        challenge.load(folder)
    (folder / missing).unlink()
    with pytest.raises(ValueError, match="unpack all of what you were given"):
        challenge.load(folder)


def test_a_table_that_is_missing_is_named(folder):
    table = sorted(folder.glob("*.csv"))[0]
    table.unlink()
    with pytest.raises(ValueError, match=f"KeyError: '{table.stem}'.*unpack all of what you were given"):
        challenge.load(folder)


def test_the_practice_challenge_is_the_same_for_everybody():
    source = challenge.Source(challenge.PRACTICE_KEY, files.PRACTICE)
    assert challenge.seal(source) == challenge.seal(challenge.Source(bytes(32), "practice"))
    assert releases.secret(4, source)["number"].isdecimal()
