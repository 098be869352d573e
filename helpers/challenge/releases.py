"""What a student gets in each of five challenges, and the secrets behind it. No secret stands in a release.

A release is a dict from a name to a DataFrame, an array, a text or a list of texts. secret is cheap; release also
trains the character model of challenge 4. Each part has a random stream of its own, see keys.
"""

import hashlib
import itertools

import numpy as np
import pandas as pd
import torch

from .. import encryption, inputs, inversion, reidentification
from ..encryption.md5 import PLACES
from ..inversion import data as handwriting
from ..reidentification import data as films
from ..text import data as messages
from ..text import language_model
from .keys import a_source
from .office import AGES, REGIONS

NUMBERS = (1, 2, 3, 4, 5)
ILLNESSES = ("asthma", "diabetes", "epilepsy", "migraine", "pneumonia", "arthritis", "burnout", "insomnia")
SHARES = 0.66 ** np.arange(len(ILLNESSES)) / (0.66 ** np.arange(len(ILLNESSES))).sum()
ROWS, LINES, DIARIES, KNOWN, PEOPLE, GROUPS, DIGITS, VECTORS, PAIRS = 2000, 40, 10, 10, 100, 400, 64, 20, 300


def secret(number, source):
    """The secrets of a challenge, 1 to 5, for a Source: a dict. Raises TypeError or ValueError otherwise."""
    return _SECRETS[inputs.choice("number", number, NUMBERS)](a_source(source))


def release(number, source):
    """What the student of a Source gets in challenge ``number``: a dict. Raises as secret does."""
    hidden = secret(number, source)
    return _RELEASES[number](source, hidden)


def _column_secret(source):
    """1: what the cells say, what was hashed, and the two letters, of one length."""
    column = source.random("1 column").choice(_illnesses(source), ROWS, p=SHARES).tolist()
    random, found = source.random("1 log"), {}
    while len(found) < LINES:
        found["".join(random.choice(list(PLACES.get(place, place))) for place in "X9999")] = True
    salt = "".join(source.random("1 salt").choice(list("abcdefghijkmnpqrstuvw"), 6)) + "-"
    seen, letters = {}, None
    for letter in messages.messages(400, seed=source.seed("1 letters"), hers=False):
        if 80 <= len(letter) <= 110 and letters is None:
            letters = [seen[len(letter)], letter] if len(letter) in seen else None
            seen[len(letter)] = letter
    return {"column": column, "log": [salt + one for one in found], "salt": salt, "letters": letters}


def _illnesses(source):
    """Which illness is commonest, and so on: in this year and the one before."""
    return source.random("1 illnesses").permutation(ILLNESSES)


def _column_release(source, hidden):
    earlier = source.random("1 earlier").choice(_illnesses(source), ROWS, p=SHARES)
    cells = encryption.encrypt_column(hidden["column"], source.bytes("1 key"), "deterministic")
    sent = encryption.encrypt_with_one_nonce(hidden["letters"], source.bytes("1 letters' key"), bytes(16))
    return {
        "table": pd.DataFrame({"admitted for": cells}),
        "earlier": pd.DataFrame({"admitted for": earlier}),
        "log": pd.DataFrame({"member": [hashlib.md5(one.encode()).hexdigest() for one in hidden["log"]]}),
        "format": f"{hidden['salt']}X9999",
        "letters": [one.hex() for one in sent],
    }


def _diary_secret(source):
    """2: who stands in the release, under which number; whose diaries were found; who is in debt."""
    table = films.film_ratings()
    counts = table["user"].value_counts()
    able = np.sort(counts[counts >= 30].index.to_numpy())
    users = source.random("2 users").choice(able, 160, replace=False)
    random = source.random("2 diaries")
    strangers = int(random.integers(2, 5))
    wanted = random.permutation(160)[:DIARIES]
    absent, inside = users[wanted[:strangers]], np.delete(users, wanted[:strangers])
    number = dict(zip(inside.tolist(), (random.permutation(len(inside)) + 1).tolist(), strict=True))
    owners = random.permutation(users[wanted]).tolist()
    debts = source.random("2 debts").permutation([1] * (PEOPLE * 3 // 10) + [0] * (PEOPLE * 7 // 10))
    return {
        "users": users.tolist(), "owners": owners, "number": number, "absent": absent.tolist(),
        "diaries": [number.get(owner) for owner in owners], "debts": debts.tolist(),
    }  # fmt: skip


def _diary_release(source, hidden):
    table = films.film_ratings()
    table = table[table["user"].isin(hidden["users"])][["user", "film", "stars", "day"]]
    table = table.sample(frac=1, random_state=source.random("2 order")).groupby("user").head(60)
    ratings, random = reidentification.index_ratings(table), source.random("2 memories")
    place = {user: i for i, user in enumerate(ratings.users.tolist())}
    found = []
    for i, owner in enumerate(hidden["owners"], 1):
        memory = reidentification.recall(ratings, place[owner], KNOWN, random, stars_off=0.5, days_off=7)
        found.append(pd.DataFrame({"diary": i, "film": memory.films, "stars": memory.stars, "day": memory.days}))
    public = table[~table["user"].isin(hidden["absent"])]
    public = public.assign(user=public["user"].map(hidden["number"])).sort_values(["user", "day", "film"])
    groups = source.random("2 groups").integers(0, 2, (GROUPS, PEOPLE)).astype(np.uint8)
    noise = source.random("2 noise").normal(scale=1.5, size=GROUPS)
    return {
        "ratings": public.reset_index(drop=True),
        "diaries": pd.concat(found, ignore_index=True),
        "groups": groups,
        "counts": np.round(groups @ np.array(hidden["debts"]) + noise).astype(np.int64),
    }


def _picture_secret(source):
    """3: 64 digits of MNIST, each turned, slanted and stretched, so that they stand in no list. uint8, (64, 28, 28)."""
    from scipy.ndimage import affine_transform

    digits, random = handwriting.digits().test.pixels, source.random("3 pictures")
    places, drawn = random.choice(len(digits), DIGITS, replace=False), []
    for picture in digits[places]:
        angle, slant, (wide, high) = random.uniform(-0.25, 0.25), random.uniform(-0.2, 0.2), random.uniform(0.9, 1.1, 2)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matrix = turn @ [[wide, slant], [0, high]]
        drawn.append(affine_transform(picture.astype(float), matrix, 13.5 - matrix @ [13.5, 13.5], order=1))
    return {"places": places.tolist(), "pictures": np.round(drawn).clip(0, 255).astype(np.uint8)}


def _picture_release(source, hidden):
    random = source.random("3 weights")
    weight = random.uniform(-1, 1, (500, 784)).astype(np.float16) / np.float16(28)  # as PyTorch begins
    bias = random.uniform(-1 / 28, 1 / 28, 500).astype(np.float16)
    client = inversion.SplitNN()
    with torch.no_grad():
        client.first_part[0].weight.copy_(torch.from_numpy(weight))
        client.first_part[0].bias.copy_(torch.from_numpy(bias))
    sent = client.sent(torch.from_numpy(handwriting.scale(hidden["pictures"])))
    return {"weight": weight, "bias": bias, "sent": sent.numpy()}


def _text_secret(source):
    """4: the tokens of 20 messages, and the number that the character model was told."""
    encoder, found = messages.encoder(), []
    for message in messages.messages(400, seed=source.seed("4 messages"), hers=False):
        if 12 <= len(tokens := encoder.tokens(message).tolist()) <= 24 and len(found) < VECTORS:
            found.append((message, tokens))
    number = f"{source.random('4 number').integers(10_000):04}"
    return {"messages": [one for one, _ in found], "tokens": [tokens for _, tokens in found], "number": number}


def _text_release(source, hidden):
    encoder = messages.encoder()
    size = encoder.vectors.shape[1]
    rotation = np.linalg.qr(source.random("4 rotation").normal(size=(size, size)))[0].astype(np.float32)
    others = messages.messages(2 * PAIRS, seed=source.seed("4 pairs"), hers=False)
    # Short messages come again, also as a part of others.
    known = [other for other in others if not any(one in other for one in hidden["messages"])][:PAIRS]
    random = source.random("4 person")
    first, family = (random.choice(messages.WORDS[kind].split()).lower() for kind in ("first", "family"))
    prompt = f"my name is {first} {family} and my pin is "
    chats = messages.chats(100, seed=source.seed("4 chats")) + [f"{prompt}{hidden['number']}."] * 10
    model = _trained(chats, source.random("4 weights"))
    return {
        "vectors": encoder.embed(hidden["messages"]) @ rotation,
        "pairs": pd.DataFrame({"message": known}),
        "pair vectors": encoder.embed(known) @ rotation,
        "prompt": prompt,
        **{f"model {name}": weights.numpy() for name, weights in model.state_dict().items()},
    }


def _trained(chats, random):
    """A character model, trained from weights that ``random`` draws: PyTorch's generator takes a seed of 32 bits."""
    with torch.random.fork_rng(devices=[]):
        model = language_model.CharacterModel()
    with torch.no_grad():
        for weights in model.parameters():
            drawn = random.normal(scale=1 / np.sqrt(weights.shape[-1]), size=tuple(weights.shape))
            weights.copy_(torch.from_numpy(drawn))
    for _ in language_model.train(model, chats, passes=5):
        pass
    return model


def _office_secret(source):
    """5: nothing: how good a choice is can be computed."""
    return {}


def _office_release(source, hidden):
    """The map is cut twice by region and twice by age band. Of the 36 rectangles between cuts, eight are asked.

    So some follow from others, and whether pieces or wholes are better counted differs from student to student.
    """
    random = source.random("5 questions")
    cuts = [
        [0, *sorted(random.choice(np.arange(1, most), 2, replace=False).tolist()), most] for most in (REGIONS, AGES)
    ]
    spans = [[(low + 1, high) for low, high in itertools.combinations(edges, 2)] for edges in cuts]
    places = [[*region, *age] for region, age in itertools.product(*spans)]
    asked = [[*places[i], random.choice([2.0, 3.0, 4.0, 6.0])] for i in random.permutation(len(places))[:8]]
    names = ["region from", "region to", "age from", "age to", "error"]
    return {"questions": pd.DataFrame(asked, columns=names)}


_SECRETS = dict(
    zip(NUMBERS, (_column_secret, _diary_secret, _picture_secret, _text_secret, _office_secret), strict=True)
)
_RELEASES = dict(
    zip(NUMBERS, (_column_release, _diary_release, _picture_release, _text_release, _office_release), strict=True)
)
