"""Long work: a line that says what is being done and how much is left, and two threads where they can be started."""

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock, RLock

from tqdm import tqdm

from . import inputs

AFTER = 1.0  # seconds until something is shown: quick work shows nothing
FORMAT = "{desc}: {n_fmt} of {total_fmt} |{bar:20}| {remaining} left"


def bar(items, what, total=None):
    """The ``items``, one after the other, while a bar shows how many of them are done: ``for x in bar(xs, "x tried")``.

    what: names the work. total: how many items there are; len(items) unless told.
    The bar stands below a notebook's cell or in a terminal, from one second on, and goes when the loop ends or is
    stopped. Nothing is shown where nobody looks: in a file, or where a program runs the notebook. Of loops inside one
    another the outermost is shown. Raises TypeError for items that cannot be looped over or have no number.
    """
    return _with_bar(items, what, _number(items, what, total))


def _number(items, what, total):
    """How many items there are. Raises as bar does."""
    inputs.text("what", what)
    if not hasattr(items, "__iter__"):
        raise TypeError(f"items must be what a loop goes through, but {inputs.described(items)} was given.")
    if total is None and not hasattr(items, "__len__"):
        raise TypeError(f"total must say how many items there are: {inputs.described(items)} does not.")
    return len(items) if total is None else inputs.whole("total", total, 0)


def _with_bar(items, what, total):
    with _line(what, total) as tell:
        for done, item in enumerate(items, 1):
            yield item
            tell(done)


def in_two_threads(work, items, what, total=None):
    """Do ``work`` in two threads, which take the items in turn; in one where no thread can be started. Shows a bar.

    work: function that goes through the items it is given, an iterator, each of which nobody else gets.
    items, what, total: as in bar. Returns what work returned, a list of one or two. If one stops with an error or is
    interrupted, the other gets no more items.
    """
    if not callable(work):
        raise TypeError(f"work must be a function, but {inputs.described(work)} was given.")
    total = _number(items, what, total)
    ahead, lock, taken = iter(items), Lock(), 0

    def share():
        nonlocal taken
        while True:
            with lock:
                item = next(ahead, lock)  # lock: an object that is no item
                taken += 1
            if item is lock:
                return
            yield item

    def watched(tell):
        for item in share():
            yield item
            tell(min(taken, total))

    def last(items):
        nonlocal ahead
        try:
            return work(items)
        finally:
            with lock:
                ahead = iter(())

    with ThreadPoolExecutor(1) as pool, _line(what, total) as tell:
        try:
            others = [pool.submit(last, share())]
        except RuntimeError:  # "can't start new thread": in a browser's Python, for example
            others = []
        return [last(watched(tell)), *(other.result() for other in others)]


class _Line(tqdm):
    """tqdm's line, without the thread that looks after all of them."""

    monitor_interval = 0


_Line.set_lock(RLock())  # tqdm's own is for processes, too, and starts one on macOS
_outermost = None


@contextmanager
def _line(what, total):
    """A function to be told how many items are done; it shows that once a second has gone."""
    global _outermost
    if (outer := _outermost) is not None:
        yield lambda done: outer.update(0)  # the time goes on
        return
    place, shell = _place(), _shell()
    _outermost = line = _Line(
        total=total, desc=what, file=place, disable=place is None, leave=False, bar_format=FORMAT,
        delay=AFTER, mininterval=0.2, miniters=0,
    )  # fmt: skip

    def end(*_):
        global _outermost
        if _outermost is line:
            _outermost = None
        line.close()

    if shell:
        # Where Stop ends a comprehension, IPython keeps its frame for the traceback, and no finally runs.
        shell.events.register("post_run_cell", end)
    try:
        yield lambda done: line.update(done - line.n)
    finally:
        end()
        if shell:
            shell.events.unregister("post_run_cell", end)


def _shell():
    """IPython's shell, or None."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def _place():
    """Where a line can be written to: a terminal, or below a cell; None where nobody looks."""
    if hasattr(shell := _shell(), "get_parent"):
        # A program that runs a notebook, such as nbclient and nbval, lets nobody be asked, and would keep what it sees.
        return _Output() if shell.get_parent().get("content", {}).get("allow_stdin") else None
    return sys.stderr if sys.stderr and sys.stderr.isatty() else None


class _Output:
    """An output of a cell, to which tqdm can write as to a terminal: each text takes the place of the last."""

    handle = None

    def write(self, text):
        from IPython.display import display

        shown = {"text/plain": text.strip()} if text.strip() else {}  # nothing, not an empty line
        if self.handle:
            self.handle.update(shown, raw=True)
        elif shown:
            self.handle = display(shown, raw=True, display_id=True)

    def flush(self):
        pass
