"""What is drawn for one student tells nothing about the key, another student, or another part."""

import os
import stat

import pytest
from hypothesis import given, strategies

from helpers import challenge
from helpers.challenge import keys

KEY = bytes(range(32))


def test_another_key_name_or_part_gives_other_streams():
    one = challenge.Source(KEY, "Ann")
    others = [challenge.Source(KEY, "Ann"), challenge.Source(bytes(32), "Ann"), challenge.Source(KEY, "Ben")]
    assert [one.bytes("a") == other.bytes("a") for other in others] == [True, False, False]
    assert one.bytes("a") != one.bytes("b")
    assert one.random("a").integers(2**63) == others[0].random("a").integers(2**63)


def test_a_seed_has_256_bits_and_no_two_parts_run_together():
    seeds = [challenge.Source(KEY, f"student {i}").seed("a") for i in range(200)]
    assert len({seed >> 224 for seed in seeds}) == 200 and max(seeds).bit_length() > 250
    assert challenge.Source(KEY, "Ann").bytes('b", "c') != challenge.Source(KEY, 'Ann", "b').bytes("c")


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Jürgen  Hale ", "Jürgen Hale"),
        ("Ju\u0308rgen Hale", "Jürgen Hale"),
        ("\ufeffJürgen\tHale", "Jürgen Hale"),
        ("Jürgen Hale\x00", "Jürgen Hale"),
        ("Jürgen \u200b Hale", "Jürgen Hale"),
        ("Ju\u200b\u0308rgen Hale", "Jürgen Hale"),
    ],
)
def test_however_a_name_is_typed_it_is_one_student(typed, plain):
    assert keys.plain_name(typed) == plain
    assert challenge.Source(KEY, typed).bytes("a") == challenge.Source(KEY, plain).bytes("a")


@given(strategies.text(max_size=20))
def test_a_plain_name_stays_as_it_is(typed):
    try:
        plain = keys.plain_name(typed)
    except ValueError:
        return  # nothing of it can be seen
    assert keys.plain_name(plain) == plain


def test_a_new_key_is_secret_and_never_overwritten(tmp_path):
    paths = tmp_path / "a.key", tmp_path / "b.key"
    for path in paths:
        challenge.new_key(path)
    assert challenge.read_key(paths[0]) != challenge.read_key(paths[1])
    assert len(challenge.read_key(str(paths[0]))) == 32
    if os.name == "posix":
        assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600
    before = paths[0].read_text()
    with pytest.raises(ValueError, match="exists. A key that was used must stay"):
        challenge.new_key(paths[0])
    assert paths[0].read_text() == before
    with pytest.raises(ValueError, match="cannot be written"):
        challenge.new_key(tmp_path / "nowhere" / "c.key")


@pytest.mark.parametrize("content", ["", "seven", "00" * 31, "00" * 33, "zz" * 32, "ü" * 64])
def test_what_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "class.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match="is there, but holds no class key"):
        challenge.read_key(path)


def test_a_mistyped_path_of_a_key_is_told(tmp_path):
    with pytest.raises(ValueError, match="no such file. Give the key that you issued with; a new one cannot grade"):
        challenge.read_key(tmp_path / "clas.key")
    with pytest.raises(ValueError, match="cannot be read"):
        challenge.read_key(tmp_path)


def test_the_practice_key_is_no_class_key(tmp_path):
    (tmp_path / "class.key").write_text("00" * 32)
    with pytest.raises(ValueError, match="everybody knows"):
        challenge.read_key(tmp_path / "class.key")
