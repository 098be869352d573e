"""A full classroom: students on one JupyterHub who open and run a notebook at staggered times.

    pip install jupyterhub
    npm install -g configurable-http-proxy
    python tests/benchmarks/classroom.py --students 2 10 20

Starts a hub of its own in a temporary folder: JupyterHub's simple spawner, its dummy sign-in,
its usual proxy, on 127.0.0.1 alone. Each student gets a copy of the pack, comes in some seconds
after the one before, opens the page and the notebook, and runs all cells by the interface that
the browser uses. Servers stay open to the end, as in a class, unless students leave (--leave).
Then everything is stopped.

Prints for each student the memory at its peak and the time, whether the checked outputs were
those that are stored, and the totals; in the end, a table with a row for each class. Exit status 1
when a student did not finish, or saw something else. Everything runs at low priority, and stops when memory gets short.

Memory is counted twice. RSS: all that a process has in memory; what processes share counts
for each. PSS (Linux only): what is shared is divided among those who share it, so that
it adds up to what the machine needs.

A kernel gets one thread unless --threads says otherwise: kernels with as many threads as cores
hinder one another, since a thread that waits for the others of its kernel keeps its core.
"""

import argparse
import asyncio
import json
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import nbformat
import psutil

PACK = Path(__file__).parents[2]
sys.path[:0] = [str(PACK), str(PACK / "tests" / "tools")]
from browsing import free_port  # noqa: E402
from running import text_of  # noqa: E402

GIB = 2**30
MISSING = """{what} is missing. This benchmark needs, in the environment that runs it:

    pip install jupyterhub
    npm install -g configurable-http-proxy

A proxy that npm put elsewhere is named with --proxy; "--proxy 'npx --yes configurable-http-proxy'"
fetches one. Nothing else in this pack needs either of them."""


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, nargs="+", default=[20], help="one class after the other")
    parser.add_argument("--notebook", default="03_model_inversion", help="name in the folder notebooks")
    parser.add_argument("--stagger", type=float, default=15, help="seconds between two arrivals (default: 15)")
    parser.add_argument("--at-once", type=int, help="how many may run cells at a time; others wait (default: all)")
    parser.add_argument("--threads", type=int, default=1, help="of each kernel: OMP_NUM_THREADS in the spawner")
    parser.add_argument("--leave", action="store_true", help="a student who has finished stops the server")
    parser.add_argument("--spare", type=float, default=1, help="stop when less memory than this is left, in GiB")
    parser.add_argument("--limit", type=float, default=3600, help="stop after so many seconds")
    parser.add_argument("--proxy", default="configurable-http-proxy", help="the proxy's command")
    given = parser.parse_args()
    if min(*given.students, given.threads, 1 if given.at_once is None else given.at_once) < 1 or given.stagger < 0:
        parser.error("--students, --threads and --at-once are 1 or more, and --stagger is not negative.")
    if not (PACK / "notebooks" / f"{given.notebook}.ipynb").exists():
        known = ", ".join(sorted(path.stem for path in (PACK / "notebooks").glob("*.ipynb")))
        parser.error(f"There is no notebook {given.notebook!r}; there are {known}.")
    return given


def names(students):
    return [f"student{i + 1:02}" for i in range(students)]


def prepare(given, students, folder, token):
    """Write the hub's settings and the students' folders, and return the hub's address."""
    for name in names(students):
        for part in ("helpers", "notebooks"):
            shutil.copytree(PACK / part, folder / "home" / name / part, ignore=shutil.ignore_patterns("__pycache__"))
    address = f"http://127.0.0.1:{free_port()}"
    settings = {
        "JupyterHub.bind_url": address,
        "JupyterHub.hub_bind_url": f"http://127.0.0.1:{free_port()}",
        "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{free_port()}",
        "ConfigurableHTTPProxy.command": given.proxy.split(),
        "JupyterHub.authenticator_class": "dummy",
        "Authenticator.allow_all": True,
        "JupyterHub.spawner_class": "simple",
        "SimpleLocalProcessSpawner.home_dir_template": str(folder / "home" / "{username}"),
        "Spawner.notebook_dir": str(folder / "home" / "{username}"),
        "Spawner.cmd": [sys.executable, "-m", "jupyterhub.singleuser"],
        "Spawner.args": ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [],
        "Spawner.environment": {"OMP_NUM_THREADS": str(given.threads)},
        "Spawner.start_timeout": 600,
        "Spawner.http_timeout": 600,
        "JupyterHub.services": [{"name": "class", "api_token": token}],
        "JupyterHub.load_roles": [
            {"name": "class", "scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["class"]}
        ],
    }
    lines = [f"c.{name} = {value!r}" for name, value in settings.items()]
    (folder / "jupyterhub_config.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return address


class Refused(Exception):
    """An error status, and the words for it."""


class Hub:
    """The hub's interface, as a browser and the class's teacher use it."""

    def __init__(self, address, token):
        from tornado.httpclient import AsyncHTTPClient

        self.address, self.headers = address, {"Authorization": f"token {token}"}
        self.client = AsyncHTTPClient(max_clients=200, max_body_size=100_000_000)

    async def ask(self, path, method="GET", body=None):
        """The answer's text. ``path`` begins with /. Raises Refused for an error status."""
        if method == "POST":
            body = json.dumps(body or {})
        got = await self.client.fetch(
            self.address + path,
            method=method,
            body=body,
            headers=self.headers,
            connect_timeout=600,
            request_timeout=600,
            raise_error=False,
        )
        if got.code >= 400:
            raise Refused(got.code, f"{got.code} {got.reason} for {path}")
        return got.body.decode()

    async def wait_until_up(self, process):
        for _ in range(600):
            if process.poll() is not None:
                raise SystemExit("JupyterHub ended at its start.")
            try:
                return await self.ask("/hub/api/")
            except OSError:
                pass
            except Refused as not_yet:  # the proxy answers before the hub does
                if not_yet.args[0] not in (404, 502, 503, 599):
                    raise
            await asyncio.sleep(0.2)
        raise SystemExit("JupyterHub did not answer within two minutes.")

    async def start_server(self, name):
        await self.ask(f"/hub/api/users/{name}", "POST")
        await self.ask(f"/hub/api/users/{name}/server", "POST")
        while not json.loads(await self.ask(f"/hub/api/users/{name}"))["servers"].get("", {}).get("ready"):
            await asyncio.sleep(0.3)

    async def kernel(self, name, notebook):
        """Open the notebook as the browser does. Returns its content and a function that runs code in its kernel."""
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        base = f"/user/{name}"
        path = f"notebooks/{notebook}.ipynb"
        await self.ask(f"{base}/lab/tree/{path}")
        content = json.loads(await self.ask(f"{base}/api/contents/{path}"))["content"]
        session = {"path": path, "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        kernel = json.loads(await self.ask(f"{base}/api/sessions", "POST", session))["kernel"]["id"]
        url = self.address.replace("http", "ws", 1) + f"{base}/api/kernels/{kernel}/channels"
        connection = await websocket_connect(
            HTTPRequest(url, headers=self.headers, request_timeout=600), max_message_size=100_000_000
        )
        return nbformat.from_dict(content), lambda source: execute(connection, source)


async def execute(connection, source):
    """Run ``source`` and return its outputs, as nbformat stores them. Raises RuntimeError for an error."""
    me = uuid.uuid4().hex
    header = {"msg_id": me, "msg_type": "execute_request", "username": "", "session": "class", "version": "5.3"}
    content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
    await connection.write_message(json.dumps(message))
    outputs, done = [], {"reply": False, "idle": False}
    while not all(done.values()):
        answer = await connection.read_message()
        if answer is None:
            raise RuntimeError("The connection to the kernel ended.")
        answer = json.loads(answer)
        if answer["parent_header"].get("msg_id") != me:
            continue
        kind = answer["header"]["msg_type"]
        if kind == "execute_reply":
            done["reply"] = True
        elif kind == "status" and answer["content"]["execution_state"] == "idle":
            done["idle"] = True
        elif kind == "error":
            raise RuntimeError(f"{answer['content']['ename']}: {answer['content']['evalue']}")
        elif kind in ("stream", "execute_result", "display_data"):
            outputs.append(answer["content"])
    return outputs


async def student(hub, name, place, given, turn, report):
    """Come in, open the notebook, run it, and stay. Fills ``report``, a dict."""
    await asyncio.sleep(place * given.stagger)
    arrived = time.perf_counter()
    report["state"] = "opens"
    await hub.start_server(name)
    notebook, run = await hub.kernel(name, given.notebook)
    await run("pass")
    report.update(opened=time.perf_counter() - arrived, state="waits")
    async with turn:
        report["state"] = "runs"
        start = time.perf_counter()
        report["others"] = []
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            outputs = await run(cell.source)
            if "nbval-check-output" in cell.metadata.get("tags", []):
                report["checked"] = report.get("checked", 0) + 1
                if text_of(outputs) != text_of(cell.outputs):
                    report["others"].append((cell.source, text_of(outputs)))
        report.update(took=time.perf_counter() - start, state="done")
    if given.leave:
        await hub.ask(f"/hub/api/users/{name}/server", "DELETE")
    print(f"  {name} done: opened in {report['opened']:.0f} s, ran in {report['took']:.0f} s", flush=True)


def memory(process):
    """RSS and PSS of a process in bytes; PSS is RSS where the system does not tell."""
    rss = process.memory_info().rss
    try:
        with open(f"/proc/{process.pid}/smaps_rollup") as file:
            return rss, next(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return rss, rss


async def watch(process, reports, total, given):
    """Note peaks each second. Ends with a RuntimeError when memory gets short."""
    owners = {}
    while True:
        now = {name: {"server": [0, 0], "kernel": [0, 0]} for name in reports} | {"hub": {"server": [0, 0]}}
        for part in [process, *process.children(recursive=True)]:
            try:
                command = " ".join(part.cmdline())
                if part.pid not in owners:
                    # A kernel has its server's variables; the hub and the proxy have no student.
                    owners[part.pid] = part.environ().get("JUPYTERHUB_USER", "hub")
                owner = owners[part.pid] if owners[part.pid] in reports else "hub"
                kind = "kernel" if "ipykernel" in command and owner != "hub" else "server"
                for i, size in enumerate(memory(part)):
                    now[owner][kind][i] += size
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        for name, report in reports.items():
            for kind in ("server", "kernel"):
                report[kind] = max(report.get(kind, 0), now[name][kind][0])
            report["pss"] = max(report.get("pss", 0), sum(now[name][kind][1] for kind in ("server", "kernel")))
        whole = sum(kind[1] for owner in now.values() for kind in owner.values())
        total["pss"] = max(total.get("pss", 0), whole)
        total["hub"] = max(total.get("hub", 0), now["hub"]["server"][1])
        left = psutil.virtual_memory().available
        total["left"] = min(total.get("left", left), left)
        if left < given.spare * GIB:
            raise RuntimeError(f"Less than {given.spare} GiB of memory is left: stopped. Try fewer --students.")
        await asyncio.sleep(1)


async def lesson(given, hub, process, reports, total):
    await hub.wait_until_up(process)
    watcher = asyncio.create_task(watch(psutil.Process(process.pid), reports, total, given))
    turn = asyncio.Semaphore(given.at_once or len(reports))
    everyone = asyncio.gather(
        *(student(hub, name, i, given, turn, reports[name]) for i, name in enumerate(reports)), return_exceptions=True
    )
    await asyncio.wait({watcher, everyone}, timeout=given.limit, return_when=asyncio.FIRST_COMPLETED)
    if watcher.done():
        print(watcher.exception())
    elif everyone.done():
        await asyncio.sleep(2)  # one more look at the memory of all
        for report, end in zip(reports.values(), everyone.result(), strict=True):
            if isinstance(end, BaseException):
                report["state"] = f"failed: {type(end).__name__}: {end}"
    else:
        print(f"Stopped after --limit, {given.limit:.0f} s.")
    for task in (watcher, everyone):
        task.cancel()
    await asyncio.gather(watcher, everyone, return_exceptions=True)


def stop(process):
    """End the hub, and all that it started."""
    try:
        started = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        started = []
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
    _, alive = psutil.wait_procs(started, timeout=5)
    for left in alive:
        left.kill()


def summary(reports, total):
    """Print a row for each student. Return whether all was right, and the row of the class."""
    mib = lambda size: f"{size / 2**20:6.0f}"  # noqa: E731
    print(f"\n{'':12}  kernel  server  both, PSS   opened     ran   checked outputs")
    print(f"{'':12}     MiB     MiB        MiB        s       s")
    right = 0
    for name, report in reports.items():
        times = "".join(f"{report[key]:8.0f}" if key in report else f"{'–':>8}" for key in ("opened", "took"))
        if report["state"] != "done":
            verdict = report["state"]
        elif report["others"]:
            verdict = f"{len(report['others'])} of {report['checked']} are others"
        else:
            verdict, right = f"all {report['checked']} as stored", right + 1
        sizes = f"  {mib(report.get('kernel', 0))}  {mib(report.get('server', 0))}     {mib(report.get('pss', 0))}"
        print(f"{name:12}{sizes} {times}   {verdict}")
    for source, now in [other for report in reports.values() for other in report.get("others", [])][:3]:
        print(f"\nAnother output than stored:\n{source}\n{now}")
    took = [report["took"] for report in reports.values() if "took" in report]
    print(f"\n{right} of {len(reports)} finished with the stored outputs.")
    if took:
        print(f"Seconds for all cells: median {statistics.median(took):.0f}, slowest {max(took):.0f}.")
    peaks = [report["kernel"] + report["server"] for report in reports.values() if report.get("kernel")]
    if peaks:
        median, largest = statistics.median(peaks) / 2**20, max(peaks) / 2**20
        print(f"Peak of a student, kernel and server, RSS: median {median:.0f} MiB, largest {largest:.0f} MiB.")
    print(f"Peak of all together, PSS: {total.get('pss', 0) / GIB:.2f} GiB, ", end="")
    print(f"hub and proxy {mib(total.get('hub', 0)).strip()} MiB of it. ", end="")
    print(f"The machine had {total.get('left', 0) / GIB:.1f} GiB left at least.")
    each = (total.get("pss", 0) - total.get("hub", 0)) / len(reports) / GIB
    row = f"| {len(reports)} | {right} | {each:.2f} GiB | {total.get('pss', 0) / GIB:.1f} GiB "
    row += f"| {statistics.median(took):.0f} s | {max(took):.0f} s |" if took else "| – | – |"
    return right == len(reports), row


def hold(given, students):
    """Hold one lesson, with a hub of its own. Returns what ``summary`` does."""
    reports, total, token = {name: {"state": "not there yet"} for name in names(students)}, {}, secrets.token_hex(16)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        address = prepare(given, students, folder, token)
        nice = ["nice", "-n", "10"] if shutil.which("nice") else []
        with open(folder / "log", "w") as log:
            hub_command = [*nice, sys.executable, "-m", "jupyterhub", "-f", str(folder / "jupyterhub_config.py")]
            process = subprocess.Popen(hub_command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        start = time.perf_counter()
        try:
            asyncio.run(lesson(given, Hub(address, token), process, reports, total))
        except (Exception, SystemExit):
            print((folder / "log").read_text()[-3000:], file=sys.stderr)
            raise
        finally:
            stop(process)
    got = summary(reports, total)
    print(f"The lesson took {time.perf_counter() - start:.0f} s.\n", flush=True)
    return got


def main():
    given = arguments()
    try:
        import jupyterhub
    except ImportError:
        sys.exit(MISSING.format(what="JupyterHub"))
    if not shutil.which(given.proxy.split()[0]):
        sys.exit(MISSING.format(what=f"The proxy {given.proxy.split()[0]!r}"))
    print(
        f"{given.notebook}, one student each {given.stagger:g} s, {given.at_once or 'all'} at once, "
        f"threads of a kernel: {given.threads}.\n{os.cpu_count()} cores, "
        f"{psutil.virtual_memory().total / GIB:.0f} GiB of memory, JupyterHub {jupyterhub.__version__}.",
        flush=True,
    )
    classes = [hold(given, students) for students in given.students]
    print("| Students | With the stored outputs | Memory each | In all | Median time | Slowest |")
    print("|---|---|---|---|---|---|")
    print("\n".join(row for _, row in classes))
    sys.exit(not all(right for right, _ in classes))


if __name__ == "__main__":
    main()
