"""A student's folder, the practice challenge, and the one file that is handed in."""

import json
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from .. import inputs
from .keys import PRACTICE_KEY, Source
from .office import missed
from .releases import NUMBERS, release
from .scores import EACH, as_json, points, seal

PRACTICE = "practice"  # the name that the practice challenge is made for
PACK = "failures-in-data-privacy"  # stands in every file, so that a foreign one is noticed


class Challenge(NamedTuple):
    """What a student was given: their name, a seal that says for whom it was made, and the five releases by number."""

    name: str
    seal: str
    releases: dict

    def __getitem__(self, number):
        """The release of a challenge, from 1 to 5: a dict from a name to a table, an array or a text."""
        return self.releases[inputs.choice("number", number, NUMBERS)]

    def __repr__(self):
        parts = (f"{number}: {', '.join(parts)}" for number, parts in self.releases.items())
        return f"The challenges of {self.name}.\n" + "\n".join(parts)


def made(source):
    """All five releases of a Source: a Challenge. Takes about a second."""
    return Challenge(source.name, seal(source), {number: release(number, source) for number in NUMBERS})


def practice():
    """A challenge for one who studies alone: made on the spot, for everybody the same.

    Its key is public: whoever reads this code can compute the answers. It is for practice, and proves nothing.
    """
    return made(Source(PRACTICE_KEY, PRACTICE))


def write(challenge, folder):
    """Write a Challenge into a folder that is there: tables as CSV, arrays as safetensors, the rest as JSON."""
    from safetensors.numpy import save_file

    arrays, texts = {}, {}
    for number, parts in _checked(challenge).releases.items():
        for name, part in parts.items():
            if isinstance(part, pd.DataFrame):
                part.to_csv(Path(folder, f"{number} {name}.csv"), index=False, lineterminator="\n")
            elif isinstance(part, np.ndarray):
                arrays[f"{number} {name}"] = np.ascontiguousarray(part)
            else:
                texts[f"{number} {name}"] = part
    save_file(arrays, Path(folder, "arrays.safetensors"))
    Path(folder, "arrays.safetensors").chmod(0o644)  # safetensors leaves it to its owner alone
    parts = [f"{number} {name}" for number, parts in challenge.releases.items() for name in parts]
    about = {"pack": PACK, "name": challenge.name, "seal": challenge.seal, "parts": parts, "texts": texts}
    Path(folder, "challenge.json").write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")


def load(folder):
    """A Challenge from the folder that the lecturer gave you. Raises ValueError where something of it is missing."""
    from safetensors.numpy import load_file

    folder = inputs.path("folder", folder)
    if zipfile.is_zipfile(folder):
        raise ValueError(f"{folder} is a zip: unpack it first, and name the folder that it holds.")
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder} (looked in {Path.cwd()}).")
    try:
        about = json.loads((folder / "challenge.json").read_text(encoding="utf-8"))
        found = dict(about["texts"])
        found |= {path.stem: pd.read_csv(path) for path in sorted(folder.glob("[1-5] *.csv"))}
        found |= load_file(folder / "arrays.safetensors")
        releases = {n: {} for n in NUMBERS}
        for name in about["parts"]:  # a missing one raises KeyError
            releases[int(name[0])][name[2:]] = found[name]
        return Challenge(about["name"], about["seal"], releases)
    except Exception as problem:  # whatever a foreign or torn file leads to
        raise ValueError(
            f"{folder} is not a whole challenge folder ({type(problem).__name__}: {problem}). It holds challenge.json, "
            "arrays.safetensors and tables: unpack all of what you were given."
        ) from None


def submit(challenge, answers, path="submission.json"):
    """Check the form of ``answers`` and write the file to hand in; a practice challenge is scored at once.

    challenge: from load or practice. answers: a dict from a challenge's number to a dict of its answers; what is
    missing or still ... is left out. path: where to write; an earlier submission there is replaced. Nothing is written
    before there is an answer. Prints a line for each challenge: what is missing, of the wrong form, or cannot belong
    to this release; for practice, points.
    Raises TypeError or ValueError for what is no dict, a number that is none, or a path that is no .json file.
    """
    challenge, path = _checked(challenge), str(path) if isinstance(path, Path) else inputs.text("path", path)
    if not path.endswith(".json"):
        raise ValueError(f"path must end in .json, but {path!r} was given.")
    if not isinstance(answers, dict) or not all(isinstance(parts, dict) for parts in answers.values()):
        raise TypeError('answers must be a dict of dicts, such as {1: {"log": {…}}}.')
    for number in answers:
        inputs.choice("A challenge's number", number, NUMBERS)
    ready, own = {}, Source(PRACTICE_KEY, challenge.name)
    practised = challenge.seal == seal(own)
    for number in NUMBERS:
        (given, wrong), said = as_json(number, answers.get(number, {})), ""
        if given:
            ready[str(number)] = given
        if practised:
            earned = points(number, own, answers.get(number, {}))
            said, wrong = f"{EACH * earned.points:.1f} of {EACH} practice points. ", earned.reason
        said += "; ".join(filter(None, [wrong, *(one for one in _foreign(challenge, given) if one not in wrong)]))
        print(f"Challenge {number}: {said.strip() or 'all is there.'}")
    if not ready:
        print(f"No answer yet: nothing was written; an earlier {path} stays. Replace a ... above.")
        return
    handed_in = {"pack": PACK, "name": challenge.name, "seal": challenge.seal, "answers": ready}
    Path(path).expanduser().write_text(json.dumps(handed_in, allow_nan=False), encoding="utf-8")
    print(f"Written: {path}, with", ", ".join(f"{number} ({', '.join(given)})" for number, given in ready.items()))


def _foreign(challenge, given):
    """Sentences about what in ``given``, answers of the right form to a challenge, earns nothing with this release."""
    for name, known, what in (
        ("log", lambda: challenge[1]["log"]["member"], "A key of log must be a digest of your log"),
        ("diaries", lambda: challenge[2]["ratings"]["user"], "A user of diaries must stand in your ratings"),
    ):
        if name in given and (other := set(given[name]) - {None, *known().tolist()}):
            yield f"{what}, but {len(other)} do not, such as {next(iter(other))!r}"
    if "counts" in given and (told := missed(challenge[5]["questions"], given["counts"])):
        yield told


def _checked(challenge):
    if not isinstance(challenge, Challenge):
        raise TypeError(f"challenge must come from load or practice, but {inputs.described(challenge)} was given.")
    return challenge
