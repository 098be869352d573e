"""Whatever a shared function is given, it gives what was asked for or says in a sentence why it cannot."""

import ipywidgets
import misuse
import pandas as pd
import pytest

from helpers import help_pages, picture, progress, tables, verdict, widgets

TABLE = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 4]}, ["x", "y"])
ANY = {name: "anything" for name in ("title", "xlabel", "ylabel", "baselines", "marked", "limit")}  # text, or our own


LOOPED = {  # through whatever can be
    "items": [kind for kind, bad in misuse.BAD.items() if hasattr(bad, "__iter__")],
    "what": ["a text"],
    "total": ["None"],
}


def explore(draw, control):
    return widgets.explore(draw, control=control)


CASES = [
    (picture.bars, {"values": {"a": 1}, "title": "T", "xlabel": "x"}, ANY | {"values": ["a dict"]}),
    (picture.paired_bars, {"table": TABLE, "title": "T", "ylabel": "y"}, ANY),
    (picture.stacked_bars, {"table": TABLE, "title": "T", "xlabel": "x"}, ANY),
    (picture.curves, {"table": TABLE, "title": "T", "xlabel": "x", "ylabel": "y"}, ANY),
    (picture.numbers_of, {"name": "t", "table": TABLE}, {"name": "anything"}),
    (help_pages.help_pages, {}, {}),
    (progress.bar, {"items": [1, 2], "what": "done", "total": 2}, LOOPED),
    (progress.in_two_threads, {"work": list, "items": [1, 2], "what": "done", "total": 2}, LOOPED),
    (tables.rdataset, {"package": "stevedata", "item": "TV16"}, {}),
    (
        widgets.stepper,
        {"frames": [picture.bars({"a": 1}, "T", "x")], "labels": ["one"]},
        {"labels": ["a list of None"]},
    ),
    (explore, {"draw": lambda control: picture.bars({"a": 1}, "T", "x"), "control": ipywidgets.IntSlider()}, {}),
]
OURS = {  # called by the pack's own figures and checks only, never by a notebook; claim has its own tests
    "array", "as_picture", "coloured", "headline", "page", "panel", "plain_axes",
    "a_kind", "answer_of", "check", "claim", "close", "known_mistake", "number", "unfinished",
}  # fmt: skip


@pytest.mark.parametrize(("function", "good", "takes"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_bad_input_gets_a_sentence(function, good, takes):
    assert list(misuse.faults(function, good, takes)) == []


def test_the_table_covers_every_function():
    covered = {function.__name__ for function, _, _ in CASES}
    public = {function.__name__ for function in misuse.public(help_pages, picture, progress, tables, verdict, widgets)}
    assert public - OURS == covered
