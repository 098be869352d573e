"""Write your repository's address into the links to Colab, Binder and Codespaces, and into the setup cells.

    python notebooks/stamp.py https://github.com/your-account/your-repository
    python notebooks/stamp.py --new https://github.com/your-account/your-repository

The address in force stands in pyproject.toml; this replaces it there, in README.md, CITATION.cff and every notebook.
Commit and push the change. With --new nothing is changed where an address was written before: so the workflow that
publishes a copy calls it.
"""

import re
import sys
import tomllib
from pathlib import Path

PACK = Path(__file__).parent.parent
PLACEHOLDER = "https://github.com/-your-account-/failures-in-data-privacy"
# What stands before "owner/name" in our links. The bare name may stand by chance in a picture's bytes.
BEFORE = r"((?:github\.com|google\.com/github|mybinder\.org/v2/gh|codespaces\.new)/)"


def address(pack=PACK):
    """The repository's address in force, for example https://github.com/owner/name."""
    with open(pack / "pyproject.toml", "rb") as file:
        return tomllib.load(file)["tool"]["failures-in-data-privacy"]["repository"]


def stamp(new, pack=PACK):
    """Replace the address in force by ``new`` and return the files that changed.

    Raises ValueError when ``new`` is not the address of a GitHub repository.
    """
    new = new.removesuffix("/").removesuffix(".git")
    if not re.fullmatch(r"https://github\.com/[\w-]+/[\w.-]+", new):
        raise ValueError(f"Expected an address like https://github.com/owner/name, but was given {new!r}.")
    old_name, new_name = (url.removeprefix("https://github.com/") for url in (address(pack), new))
    stands = re.compile(rf"{BEFORE}{re.escape(old_name)}(?![\w-]|\.\w)")  # and begins no longer name
    changed = []
    pages = [pack / name for name in ("pyproject.toml", "README.md", "CITATION.cff")]
    for path in [*pages, *sorted((pack / "notebooks").glob("*.ipynb"))]:
        text = path.read_text(encoding="utf-8") if path.exists() else ""  # a lesson lifted out has no CITATION.cff
        stamped, times = stands.subn(rf"\g<1>{new_name}", text)
        if times:
            path.write_text(stamped, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


def main(arguments):
    only_new = arguments[:1] == ["--new"]
    if len(arguments) != 1 + only_new or arguments[-1].startswith("-"):
        sys.exit(__doc__)
    if only_new and address() != PLACEHOLDER:
        print(f"The links lead to {address()} already. Nothing was changed.")
        return
    try:
        for path in stamp(arguments[-1]):
            print(f"stamped {path.relative_to(PACK)}")
    except ValueError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main(sys.argv[1:])
