"""Write your repository's address into the Colab badges and setup cells.

    python notebooks/stamp.py https://github.com/your-account/your-repository

The address in force stands in pyproject.toml; this replaces it there, in README.md,
CITATION.cff and every notebook. Commit and push the change, to the branch main.
"""

import re
import sys
import tomllib
from pathlib import Path

PACK = Path(__file__).parent.parent


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
    # "owner/name" behind either host: the bare name may stand by chance in a picture's bytes, or begin a longer one.
    old_name, new_name = (url.removeprefix("https://github.com/") for url in (address(pack), new))
    stands = re.compile(rf"((?:github\.com|google\.com/github)/){re.escape(old_name)}(?![\w-]|\.\w)")
    changed = []
    pages = [pack / name for name in ("pyproject.toml", "README.md", "CITATION.cff")]
    for path in [*pages, *sorted((pack / "notebooks").glob("*.ipynb"))]:
        text = path.read_text(encoding="utf-8") if path.exists() else ""  # a lesson lifted out has no CITATION.cff
        stamped, times = stands.subn(rf"\g<1>{new_name}", text)
        if times:
            path.write_text(stamped, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        for path in stamp(sys.argv[1]):
            print(f"stamped {path.relative_to(PACK)}")
    except ValueError as problem:
        sys.exit(str(problem))
