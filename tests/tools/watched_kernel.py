"""A Python kernel that writes down every attempt to reach out, and lets none through.

Started as a program by tests/running.py. An audit hook sees what Python code asks of the
network even where the error that follows is swallowed. The environment variable WATCHED
names the file to write to; LACKING the packages whose import is written down too.
"""

import ipaddress
import os
import sys
from pathlib import Path

FETCHERS = {"curl", "git", "pip", "pip3", "scp", "ssh", "uv", "wget"}


def is_here(host):
    """Whether ``host`` is this machine."""
    if host in (None, "", b"", "localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def attempt(event, arguments, lacking):
    """What is asked for, in words, or None where it stays on this machine."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getnameinfo"):
        address = arguments[-1]
        # Addresses of other than internet sockets are no tuples.
        return None if not isinstance(address, tuple) or is_here(address[0]) else f"{event} {address[:2]}"
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return None if is_here(arguments[0]) else f"{event} {arguments[0]}"
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"):
        command = arguments[1 if event == "subprocess.Popen" else -1 if event == "os.system" else 1]
        words = command.split() if isinstance(command, str | bytes) else command
        words = [os.fsdecode(word) for word in words]
        return f"runs {' '.join(words)}" if FETCHERS & {Path(word).name for word in words} else None
    if event == "import" and arguments[0] in lacking:
        return f"imports {arguments[0]}"
    return None


def watch(file, lacking):
    busy = []  # writing down must not be watched

    def hook(event, arguments):
        if busy:
            return
        busy.append(event)
        try:
            found = attempt(event, arguments, lacking)
            if found:
                with open(file, "a", encoding="utf-8") as log:
                    log.write(found + "\n")
        finally:
            busy.clear()
        if found and event.startswith("socket."):
            raise ConnectionError(f"The tests let nothing out: {found}")

    sys.addaudithook(hook)


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of tests is not the notebook's
    watch(os.environ["WATCHED"], set(os.environ["LACKING"].split()))
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()
