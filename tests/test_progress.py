"""Progress shows after a second and goes, whatever happens; two threads share work, or one does it all."""

import io
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from jupyter_client.manager import start_new_kernel
from running import TIMEOUT

from helpers import progress
from helpers.progress import bar, in_two_threads

PLAIN = "from helpers import progress\nprogress.AFTER = 0.2\nimport time\n"
LOOP = "for setting in progress.bar(range(9), 'settings tried'):\n    time.sleep(0.06)\n"


class Terminal(io.StringIO):
    """An error stream that somebody looks at."""

    def isatty(self):
        return True

    def left(self):
        """What stands in the line in the end: what was written last, over what was there before."""
        line = ""
        for text in self.getvalue().split("\r"):
            line = text + line[len(text) :]
        return line.strip()


@pytest.fixture
def terminal(monkeypatch):
    stderr = Terminal()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stderr, modules=sys.modules))
    monkeypatch.setattr(progress, "AFTER", 0.1)
    return stderr


def slow(items):
    for item in items:
        time.sleep(0.05)
        yield item


def test_a_bar_says_in_a_terminal_what_is_done_and_how_much_is_left_and_goes(terminal):
    assert list(bar(slow("abcdefghi"), "letters seen", 9)) == list("abcdefghi")
    assert (
        "letters seen: " in terminal.getvalue() and " of 9 |" in terminal.getvalue() and " left" in terminal.getvalue()
    )
    assert terminal.left() == ""


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_a_bar_goes_when_its_loop_is_stopped(terminal, stop):
    with pytest.raises(stop):
        for i in bar(slow(range(90)), "settings tried", 90):
            if i == 8:
                raise stop
    assert "settings tried" in terminal.getvalue() and terminal.left() == ""
    assert progress._outermost is None


def test_quick_work_and_files_show_nothing(terminal, monkeypatch, capsys):
    monkeypatch.setattr(progress, "AFTER", 60)
    assert len(list(bar(range(10_000), "numbers"))) == 10_000 and terminal.getvalue() == ""
    monkeypatch.undo()
    monkeypatch.setattr(progress, "AFTER", 0.0)
    assert list(bar(slow(range(6)), "numbers", 6)) == list(range(6))  # pytest's own stderr is no terminal
    assert capsys.readouterr() == ("", "")


def test_of_loops_in_one_another_the_outermost_shows_even_before_its_first_item_is_done(terminal):
    for _ in bar(range(2), "notebooks"):
        for _ in bar(slow(range(5)), "cells", 5):
            pass
    assert "notebooks: 0 of 2" in terminal.getvalue() and "cells" not in terminal.getvalue()


def test_a_notebook_shows_the_bar_to_a_person_and_takes_it_back_and_a_program_gets_none():
    manager, client = start_new_kernel(startup_timeout=TIMEOUT)
    try:

        def outputs(source, person):
            """What the cell shows, as front ends do: an update changes the output of its id."""
            said = []
            client.execute_interactive(source, allow_stdin=person, output_hook=said.append, timeout=TIMEOUT)
            said = [one for one in said if one["msg_type"] not in ("status", "execute_input")]
            assert {one["msg_type"] for one in said} <= {"stream", "display_data", "update_display_data", "error"}
            return [one["content"].get("data", one["content"].get("ename")) for one in said]

        outputs(PLAIN, False)
        *shown, last = outputs(LOOP, person=True)
        assert "settings tried: " in shown[0]["text/plain"] and " of 9 |" in shown[0]["text/plain"] and last == {}
        *shown, last, error = outputs(LOOP + "    assert setting < 6", person=True)
        assert "settings tried" in shown[0]["text/plain"] and (last, error) == ({}, "AssertionError")
        assert outputs(LOOP, person=False) == []
        # Stopped inside: the traceback keeps the loop's frame. Its line goes all the same, and the next is shown.
        for wrap in ("[check(x) for x in {}]", "list(check(x) for x in {})", "sum(map(check, {}))"):
            outputs("def check(x):\n    time.sleep(0.06)\n    assert x < 6\n    return x", person=True)
            *shown, last = outputs(wrap.format("progress.bar(range(9), 'things')"), person=True)
            assert "things" in str(shown) and {} in [*shown, last] and "AssertionError" in [*shown, last], wrap
            *shown, last = outputs(LOOP, person=True)
            assert "settings tried: " in shown[0]["text/plain"] and last == {}, wrap
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("start", ["two", "none can be started"])
def test_every_item_is_worked_on_once_with_two_threads_or_one(start, monkeypatch):
    if start != "two":
        refuse(monkeypatch)
    parts = in_two_threads(lambda items: [(i, threading.get_ident()) for i in slow(items)], range(20), "items")
    assert sorted(i for part in parts for i, _ in part) == list(range(20))
    assert len({thread for part in parts for _, thread in part}) == len(parts) == (2 if start == "two" else 1)


def refuse(monkeypatch):
    """Let no thread be started, as a browser's Python does."""

    def start(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", start)


@pytest.mark.parametrize("in_main", [True, False])
def test_when_one_thread_stops_the_other_gets_no_more(in_main):
    seen = []

    def work(items):
        for i in slow(items):
            seen.append(i)
            if i > 5 and (threading.current_thread() is threading.main_thread()) == in_main:
                raise KeyboardInterrupt if in_main else ValueError("stopped")

    with pytest.raises(KeyboardInterrupt if in_main else ValueError):
        in_two_threads(work, range(1_000), "items")
    assert len(seen) < 20


def test_two_threads_show_what_both_have_done(terminal):
    in_two_threads(lambda items: list(slow(items)), range(20), "items taken")
    assert "items taken: " in terminal.getvalue() and terminal.left() == ""
    assert "of 20 |" in terminal.getvalue()


def test_the_letters_and_the_md5_search_do_without_threads(monkeypatch):
    from helpers import encryption
    from helpers.inversion import data

    letters, digest = data.letters(50).pixels, "71b9c3f3ee5efb81ca05e9b90c91c88f"
    refuse(monkeypatch)
    assert (data.letters(50).pixels == letters).all()
    assert encryption.search_md5([digest], ["9X99"]) == {digest: "9Y99"}
