"""Challenges: a small release for each student, to be broken; issued and graded from one class key."""

from .files import Challenge, load, practice, submit
from .keys import PRACTICE_KEY, Source, new_key, read_key
from .office import as_asked, as_question, epsilon, errors
from .releases import NUMBERS, release, secret
from .scores import points, seal
