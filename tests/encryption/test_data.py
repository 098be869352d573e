"""The data of *Encryption pitfalls*."""

import hashlib

import numpy as np
import pytest

from helpers.encryption import data


def test_pictures():
    scan, eye = data.medical_picture("scan"), data.medical_picture("eye")
    assert scan.shape == eye.shape == (400, 400) and scan.dtype == eye.dtype == np.uint8
    assert len(np.unique(scan)) < 10 < 200 < len(np.unique(eye))
    with pytest.raises(ValueError, match="'scan', 'eye', but the text 'hand' was given"):
        data.medical_picture("hand")


def test_equal_passwords_are_equal_ciphertexts():
    stored = data.stored_passwords()
    counts = stored["ciphertext"].value_counts().tolist()
    assert counts == [3, 3, 2, 1] and stored["ciphertext"].str.len().eq(32).all()
    iona = stored.set_index("name").loc["Iona Quillfeather"]
    assert iona["hint"] == "" and (stored["ciphertext"] == iona["ciphertext"]).sum() == 3


def test_the_release_is_the_same_every_time_and_holds_her_trip():
    release, again = data.taxi_release(), data.taxi_release()
    assert release.trips.equals(again.trips) and release.cabs == again.cabs
    assert len(release.cabs) == len(set(release.cabs)) == 50_000
    hers = release.trips[release.trips["medallion"] == hashlib.md5(b"7Q42").hexdigest()]
    assert "Eastgate Clinic" in hers["to"].tolist()


def test_the_hospital_holds_her_row_and_splits_by_year():
    clinic = data.hospital()
    assert clinic.table.loc[clinic.hers].tolist() == ["F", "50-59", "Respiratory", 6]
    assert clinic.table.index.is_unique and list(clinic.table) == list(clinic.auxiliary)
    assert len(clinic.table) + len(clinic.auxiliary) == 7874 + 1
    with pytest.raises(ValueError, match="nobody on one side"):
        data.hospital(1990)


def test_a_table_that_is_missing_is_an_error():
    with pytest.raises(RuntimeError, match="no table survival/nothing"):
        data.rdataset("survival", "nothing")


def test_letters_share_a_length_and_pages_to_learn_from_hold_none():
    letters, pages = data.letters_to_the_bank(20)
    assert len(letters) == len(set(letters)) == 20 and len(pages) >= 10
    assert letters[0].decode().endswith("Iona Quillfeather") and {len(text) for text in letters} == {len(letters[0])}
    assert not any(letter in page for letter in letters for page in pages)
    for n in (0, 1000):
        with pytest.raises(ValueError, match="n must be a whole number at least 1 and at most [1-9][0-9], but"):
            data.letters_to_the_bank(n)
