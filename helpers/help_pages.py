"""Real text that everybody has: the help pages that ship with Python."""


def help_pages():
    """A collection of help pages that differ in length: a dict from title to text.

    They are the help pages of the Python language, which ship with Python itself (79 of them in Python 3.11; other
    versions have a few more or less). Licence: PSF. Raises RuntimeError where a Python was installed without them.
    """
    try:
        from pydoc_data.topics import topics
    except ImportError as problem:
        raise RuntimeError(
            "This Python was installed without its help pages (pydoc_data). Use one from python.org, conda or Colab."
        ) from problem
    return dict(sorted(topics.items()))
