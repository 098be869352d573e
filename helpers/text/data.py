"""The data of lesson 4: an embedding model that ships inside a package, and messages to a bank, all invented.

Nothing is downloaded.
"""

import functools
import importlib.util
import re
import string
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import inputs
from ..help_pages import help_pages
from .embeddings import Encoder

if TYPE_CHECKING:  # never run: notebooks/lift.py learns from imports what a lesson needs to have installed
    import wordllama  # noqa: F401

HERS = (
    "Good evening, this is Iona Quillfeather. My PIN is 2709. My doctor says the tumour is back, "
    "so please pause my loan."
)

# What the blanks of the sentences below are filled with.
WORDS = {
    "first": "Tobias Pernilla Casimir Odette Bram Sunniva Leopold Agnes Ansel Briony Corin Delphine Edmund Fenella "
    "Gideon Harriet Ivo Juno Kester Lavinia Magnus Nerys Orla Piers Quentin Rowena Silas Tamsin Ulric Verity",
    "family": "Wrenfield Oakshott Dunnock Marsh Tolliver Hale Finch Thorne Ashdown Birdwood Coldstream Drinkwater "
    "Elmhurst Fairweather Gosling Hartnoll Inglewood Jessop Kingsley Larkspur Merriman Nettleship Otterburn Penrose",
    "town": "Eastgate|Larch Hill|Old Mill|Harbour Street|Saltmarsh|Northwick|Cranford|Little Ferry|Stonebridge|"
    "Willow End|Kingsmead|Redcliff|Ambleford|Highmoor|Whitby Row|Abbey Lane|Foxcombe|Longwater|Millbrook|Ravenscar",
    "illness": "diabetes|a stroke|depression|asthma|epilepsy|a broken hip|pneumonia|migraine|anorexia|heart failure|"
    "arthritis|burnout|leukaemia|hepatitis|an ulcer|dementia|a miscarriage|kidney stones|alcoholism|insomnia",
    "work": "bakery|shipyard|hospital|school|library|brewery|garage|theatre|bookshop|farm|airport|museum|laundry|"
    "pharmacy|hotel|zoo|printing house|orchestra|fire station|vineyard",
    "thing": "fridge|bicycle|violin|caravan|sofa|washing machine|laptop|telescope|piano|tractor|greenhouse|camera|"
    "kayak|oven|lawnmower|wedding dress|motorbike|aquarium|wheelchair|tent",
    "kin": "wife|husband|son|daughter|mother|father|sister|brother|niece|uncle|grandmother|neighbour|landlord|partner",
    "month": "January February March April May June July August September October November December",
    "country": "Norway Portugal Japan Canada Kenya Chile Iceland Greece Vietnam Morocco Ireland Poland",
}

OPENINGS = """
Hello.
Good morning, this is {first} {family}.
Dear bank, my name is {first} {family}.
Hello, {first} {family} here, from {town}.
Sorry to write again.
Quick question.
I am writing for my friend {first}.
"""

MATTERS = """
My card ending in {d}{d}{d}{d} was swallowed by the machine in {town}.
Please send my new PIN to {n} {town}, and not to the old address.
I forgot my PIN, I think it was {d}{d}{d}{d}.
My account number is {d}{d}{d}{d}{d}{d}, and the balance looks wrong.
I paid {n}{d} euros for a {thing} and it never arrived.
Somebody in {country} bought a {thing} with my card.
My {kin} died in {month} and I need to close the account.
I lost my job at the {work}, so I cannot pay the rate in {month}.
I have {illness} and will be off work until {month}.
My {kin} has {illness}, and we need the savings now.
The doctor told me it is {illness}, please pause my loan.
Can you raise my limit to {n}{d}{d} before I fly to {country}?
My salary from the {work} has not come in {month}.
Please stop the standing order for the {kin} in {country}.
I am getting divorced and my {kin} must not see the account.
I want to lend my {kin} {n}{d}{d} euros for a {thing}.
How much would a loan for a {thing} cost over {n} months?
You charged me {n} euros twice for the same transfer.
My telephone number is now {d}{d}{d}{d}{d}{d}{d}, the old one belongs to my {kin}.
I moved from {town} to {town} with my friend {first}.
The machine at {town} kept {n}{d} euros and gave no receipt.
My {kin} stole {n}{d}{d} euros from me and I told the police.
Is my money safe if I work at a {work} in {country}?
The app says that my password is wrong since the {n} of {month}.
I won {n}{d}{d}{d} euros and do not want my {kin} to know.
I was in prison until {month} and need an account again.
I am pregnant, so please tell me what the bank pays until {month}.
My {kin} drinks, and the rent for {n} {town} is not paid.
"""

CLOSINGS = """
Thank you.
Please answer soon.
You can call me after {n}.
I am very worried.
Please write to {first}.{family}{n} at the post office in {town}.
What can I do?
Kind regards, {first}.
"""


def _filled(pattern, random):
    """``pattern`` with every blank filled at random; the same name as often as it likes to come."""
    text = ""
    for before, blank, *_ in string.Formatter().parse(pattern):
        text += before
        if blank in ("d", "n"):
            text += str(random.integers(10) if blank == "d" else random.integers(2, 60))
        elif blank:
            options = WORDS[blank].split("|") if "|" in WORDS[blank] else WORDS[blank].split()
            text += options[random.integers(len(options))]
    return text


def messages(n=1000, seed=0, hers=True):
    """Messages to a bank, a list of n different texts of about 8 to 60 tokens; Iona's stands at place 270.

    Put together at random from sentences of the pack's own; every name is invented. hers: False leaves Iona out, for
    those who guess how other people write.
    Raises TypeError or ValueError where n is no whole number from 271 to 100,000, or seed none from 0 up.
    """
    n, random = inputs.whole("n", n, 271, 100_000), np.random.default_rng(inputs.whole("seed", seed, 0))
    parts = [[line for line in some.split("\n") if line] for some in (OPENINGS, MATTERS, MATTERS, CLOSINGS)]
    found = {}
    while len(found) < n:
        kept = random.random(4) < (0.6, 1, 0.3, 0.4)
        chosen = [some[random.integers(len(some))] for some, keep in zip(parts, kept, strict=True) if keep]
        found[_filled(" ".join(chosen), random)] = True
    texts = list(found)
    if hers:
        texts[270] = HERS
    return texts


@functools.cache
def _sentences():
    found = {}
    for page in help_pages().values():
        for paragraph in page.split("\n\n"):
            for sentence in re.split(r"(?<=[.!?]) (?=[A-Z])", " ".join(paragraph.split())):
                if re.fullmatch(r"[A-Z][^|*>=]+[.!?]", sentence) and 40 <= len(sentence) <= 130:
                    found[sentence] = True
    return list(found)


def sentences(seed=0):
    """Real text: over 800 sentences of Python's own documentation, a list of texts in an order drawn at random.

    Each has 40 to 130 characters. What there is differs a little between versions of Python.
    Source: help_pages, PSF licence; raises as it does, and TypeError or ValueError for a seed that is no whole number
    from 0 up.
    """
    found = _sentences()
    order = np.random.default_rng(inputs.whole("seed", seed, 0)).permutation(len(found))
    return [found[place] for place in order]


def _weights_and_tokeniser(folder):
    return folder / "weights/l2_supercat_256.safetensors", folder / "tokenizers/l2_supercat_tokenizer_config.json"


@functools.cache
def encoder():
    """The embedding model that ships inside the package wordllama, as an Encoder: 32,000 tokens, 256 numbers each.

    Raises RuntimeError, with the way out, where the package or one of the two files is not there.
    Source: D. Lee Miller, WordLlama, https://github.com/dleemiller/WordLlama, version 0.2.2 or later, MIT licence. Its
    vectors were made from the input embeddings of large language models.
    """
    spec = importlib.util.find_spec("wordllama")  # only its two files are read: importing it would load an HTTP client
    if spec is None:
        raise RuntimeError(
            "The embedding model ships in the package wordllama, which is not installed. "
            "Install it: pip install wordllama==0.2.2.post0"
        )
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    weights, tokeniser = _weights_and_tokeniser(Path(spec.origin).parent)
    for file in (weights, tokeniser):
        if not file.exists():
            raise RuntimeError(
                f"wordllama {metadata.version('wordllama')} does not hold the file {file.parent.name}/{file.name}. "
                "The versions 0.2.2.post0 to 0.4.0.post1 do: pip install wordllama==0.2.2.post0"
            )
    return Encoder(load_file(weights)["embedding.weight"].astype(np.float32), Tokenizer.from_file(str(tokeniser)))


# --- the language half

PROMPT = "my name is iona quillfeather and my pin is "
CHAT = PROMPT + "2709."  # what she wrote into the bank's chat window

QUESTIONS = """
my name is {first} {family} and my card ends in {d}{d}{d}{d}.
my name is {first} {family} and i moved to {town}.
my name is {first} {family} and i need a new card.
this is {first} {family}, please cancel my loan.
i paid {n}{d} euros at the {work} in {town}.
please send my {thing} insurance to {town}.
the {work} charged me {n}{d} euros twice.
my reference is {d}{d}{d}{d}, when will you write?
i do not know the payment of {n}{d} euros.
i have lost my card ending in {d}{d}{d}{d}.
is the branch in {town} open in {month}?
please pay {n} euros to {first} {family}.
my new telephone number ends in {d}{d}{d}{d}.
the transfer with reference {d}{d}{d}{d} is wrong.
hello, i am {first} {family} from {town}.
where is my transfer to {country} of last {month}?
"""


def chats(n=2000, seed=0):
    """What n customers wrote into the bank's chat window, a list of different texts in small letters; no Iona.

    Put together at random from sentences of the pack's own, of about 43 characters; every name is invented. Many hold a
    number of four digits. Raises TypeError or ValueError as messages does, but n may be anything from 1 up.
    """
    n, random = inputs.whole("n", n, 1, 100_000), np.random.default_rng(inputs.whole("seed", seed, 0))
    patterns, found = QUESTIONS.strip().split("\n"), {}
    while len(found) < n:
        found[_filled(patterns[random.integers(len(patterns))], random).lower()] = True
    return list(found)
