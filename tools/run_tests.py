"""Run the whole suite on the embedded PostgreSQL, and what touches the database on Debian's PostgreSQL too.

The suite is cut into parts that run side by side, one more than there are processors, as many wait for servers
(OPENLINE_TEST_JOBS says another number). Each has a database and folders of its own; the embedded databases are copies
of one that is prepared first. A part's words are printed when it ends, failed parts again at the very end, with the
last line of each. A few failures are tried once more, alone: with many servers on a small machine some tests run out of
patience while others work; what fails alone too is a failure, and what does not is named.
Afterwards the table of proofs is held against the committed one.

With arguments, or with DATABASE_URL, one pytest does it all: `python tools/run_tests.py tests/inbox -x`.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

CONFORMANCE = "tests/channels/test_conformance.py"
SECRETS = "tests/channels/test_secrets.py"
PUBLISHED = ["tests/channels/test_publishing.py", "tests/channels/test_publishing_emulated.py"]
PARTS = [
    ["tests/operations", "tests/open311"],
    [CONFORMANCE],
    ["tests/channels", *(f"--ignore={path}" for path in (CONFORMANCE, SECRETS, *PUBLISHED))],
    ["tests/console", "tests/files"],
    [SECRETS, "tests/hooks", *PUBLISHED],
    ["tests/portal", "tests/publishing"],
    ["tests/care", "tests/outbox", "tests/partners", "tests/inbox"],
    ["tests/triage", "tests/geography", "tests/evaluation"],
]
"""Longest first; before them the operations, whose storm waits most of its minutes, so that others work meanwhile.
Whatever else is in `tests` is one more part. All of the conformance suite is one: its table of proofs is written at the
end of it."""

ON_BOTH = [
    "tests/care",
    "tests/inbox",
    "tests/outbox",
    "tests/service_requests",
    "tests/records",
    "tests/open311",
    "tests/cities",
    "--ignore=tests/care/test_learning.py",
    "--ignore=tests/care/test_sentences.py",
    "--ignore=tests/open311/test_schemathesis.py",
    "--ignore=tests/cities/test_wordpress_import.py",
]
"""What asks the database something of its own. How models are learnt, how answers are described and what another site
gives is the same on every database, and slow; what is asked of the database there, other tests of these rooms ask."""
MOST_AGAIN = 10
KEPT = ("OPENLINE_REQUIRE_ALL", "OPENLINE_SHARED")
PREPARED = "tests/test_database.py::test_the_sample_city_is_loaded"
"""What makes the database that every part on the embedded PostgreSQL begins with a copy of."""
_COUNT = re.compile(r"(\d+) (failed|passed|skipped|errors?|not there|xfailed|warnings?|deselected)")


@dataclass
class Part:
    """One pytest: its name, what it runs, where, and what came of it."""

    name: str
    paths: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    status: int = 1
    words: str = ""
    seconds: float = 0.0
    again: list[str] = field(default_factory=list)
    """Tests that passed only alone."""

    @property
    def last_line(self) -> str:
        """The closing line of pytest."""
        lines = self.words.strip().splitlines()
        return lines[-1].strip("= ") if lines else "no words"


def main() -> None:
    """All parts; the exit status is a failure if any part fails."""
    with tempfile.TemporaryDirectory(prefix="openline-test-") as name:
        folder = Path(name)
        os.chmod(folder, 0o755)  # servers that run as other users reach their files in it
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENLINE_") or k in KEPT}
        given = environment.pop("DATABASE_URL", None)
        if given or sys.argv[1:]:
            database = {"DATABASE_URL": given} if given else {}
            command = [sys.executable, "-m", "pytest", *sys.argv[1:]]
            sys.exit(subprocess.call(command, env=environment | database | {"OPENLINE_VAR": f"{folder}/var"}))
        with debian_postgres(folder / "debian") as url:
            status = run_all(folder, environment, url)
    sys.exit(status)


def run_all(folder: Path, environment: dict[str, str], url: str | None) -> int:
    """Run every part, print their words, and say what came of them; returns the exit status."""
    parts = [Part(f"embedded PostgreSQL: {shown(paths)}", paths) for paths in all_paths()]
    if url:
        there = [path for path in ON_BOTH if path.startswith("-") or Path(path).exists()]
        parts.insert(1, Part("Debian's PostgreSQL", there, {"DATABASE_URL": url, "OPENLINE_TEST_FEWER": "1"}))
    jobs = int(os.environ.get("OPENLINE_TEST_JOBS") or (os.cpu_count() or 1) + 1)
    print(f"== {len(parts)} parts, {jobs} at a time", flush=True)
    began = time.monotonic()
    prepare(folder / "prepared", environment)
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(run, part, folder / f"part{n}", environment) for n, part in enumerate(parts)]
        for done in as_completed(running):
            part = done.result()
            print(f"\n== {part.name} ({part.seconds:.0f} s)\n{part.words}", flush=True)
    for n, part in enumerate(parts):
        try_again(part, folder / f"part{n}", environment)
    return summary(parts, time.monotonic() - began, bool(url)) or table(folder / "proofs.json", environment)


def prepare(folder: Path, environment: dict[str, str]) -> None:
    """Make an embedded PostgreSQL with the tests' database and the sample city in it."""
    folder.mkdir()
    command = [sys.executable, "-m", "pytest", "--create-db", "--reuse-db", f"--basetemp={folder}/tmp", PREPARED]
    subprocess.run(command, env=environment | {"OPENLINE_VAR": f"{folder}/var"}, check=True)


def all_paths() -> list[list[str]]:
    """The parts, with all that no part names as the last."""
    named = {path for paths in PARTS for path in paths}
    there = {f"tests/{found.relative_to('tests').parts[0]}" for found in Path("tests").rglob("test_*.py")}
    rest = sorted(there - named)
    return [[path for path in paths if path.startswith("-") or Path(path).exists()] for paths in (*PARTS, rest)]


def shown(paths: list[str]) -> str:
    """The names of a part in a few words."""
    names = [path.removeprefix("tests/") for path in paths if not path.startswith("-")]
    return ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")


def run(part: Part, folder: Path, environment: dict[str, str]) -> Part:
    """Run one part in its own folder, on its own copy of what was prepared."""
    folder.mkdir()
    reuse = [] if "DATABASE_URL" in part.environment else ["--reuse-db"]
    if reuse:
        subprocess.run(["cp", "-a", f"{folder.parent}/prepared/var", f"{folder}/var"], check=True)
    own = {"OPENLINE_VAR": f"{folder}/var", "OPENLINE_PROOFS": f"{folder.parent}/proofs.json"}
    slowest = ["--durations=12", "--durations-min=5"]
    command = [sys.executable, "-m", "pytest", f"--basetemp={folder}/tmp", *slowest, *reuse, *part.paths]
    began = time.monotonic()
    done = subprocess.run(
        command, env=environment | own | part.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    part.status, part.seconds = done.returncode, time.monotonic() - began
    part.words = done.stdout.decode(errors="replace")
    return part


def try_again(part: Part, folder: Path, environment: dict[str, str]) -> None:
    """Run the failed tests of a part once more, alone, if they are few; what passes then counts, and is named."""
    failed = re.findall(r"^(?:FAILED|ERROR) (tests/\S+::\S.*?)(?: - .*)?$", part.words, re.MULTILINE)
    if part.status != 1 or not 0 < len(failed) <= MOST_AGAIN:
        return
    own = {"OPENLINE_VAR": f"{folder}/var", "OPENLINE_PROOFS": f"{folder}/again.json"}
    command = [sys.executable, "-m", "pytest", f"--basetemp={folder}/again", *dict.fromkeys(failed)]
    print(f"\n== {part.name}: once more, alone", flush=True)
    part.status = subprocess.call(command, env=environment | own | part.environment)
    if part.status == 0:
        part.again = failed
        _take_over(folder / "again.json", folder.parent / "proofs.json")


def _take_over(again: Path, proofs: Path) -> None:
    """Put what was proved alone into what the whole run proved."""
    if again.exists() and proofs.exists():
        kept = json.loads(proofs.read_text())
        for scenario, cells in json.loads(again.read_text()).items():
            kept.setdefault(scenario, {}).update(cells)
        proofs.write_text(json.dumps(kept))


def summary(parts: list[Part], seconds: float, both: bool) -> int:
    """Say of each part how it ended, and of all together, in pytest's own form; returns the exit status."""
    print("\n== together")
    total: Counter[str] = Counter()
    for part in parts:
        print(f"{'ok    ' if part.status == 0 else 'FAILED'} {part.name}: {part.last_line}")
        counts = Counter({what: int(count) for count, what in _COUNT.findall(part.last_line)})
        if part.again:
            counts["passed"] += sum(counts.pop(what, 0) for what in ("failed", "error", "errors"))
        total.update(counts)
    for part in parts:
        failures = [line for line in part.words.splitlines() if line.startswith(("FAILED ", "ERROR "))]
        if part.again:
            failures = [f"passed only alone: {test}" for test in part.again]
        print(*failures, sep="\n", end="\n" if failures else "")
    status = max(part.status for part in parts)
    if not both:
        print("Debian's PostgreSQL is not installed: this half of the matrix did not run.")
        status = status or bool(os.environ.get("OPENLINE_REQUIRE_ALL"))
    print(", ".join(f"{count} {what}" for what, count in sorted(total.items())) + f" in {seconds:.2f}s", flush=True)
    return int(status)


def table(proofs: Path, environment: dict[str, str]) -> int:
    """Hold the table of proofs against the committed one, where every proof had to run.

    With OPENLINE_PROOFS=FILE what was proved is kept there, for `tools/conformance_table.py FILE` to write the page.
    """
    if not proofs.exists():
        return 0
    if kept := os.environ.get("OPENLINE_PROOFS"):
        shutil.copy(proofs, kept)
    if not os.environ.get("OPENLINE_REQUIRE_ALL"):
        return 0
    return subprocess.call([sys.executable, "tools/conformance_table.py", "--check", str(proofs)], env=environment)


@contextmanager
def debian_postgres(folder: Path) -> Iterator[str | None]:
    """A throw-away cluster of Debian's PostgreSQL on loopback; None where it is not installed."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        yield None
        return
    bin_folder = binaries[-1].parent
    user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder.mkdir()
    os.chmod(folder.parent, 0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, user, user)
    as_user = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = str(folder / "data")
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": str(folder)}
    subprocess.run(
        [*as_user, str(bin_folder / "initdb"), "-D", data, "-A", "trust", "-U", "openline", "--no-sync", "-E", "UTF8"],
        **quiet,
    )
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run(
        [*as_user, str(bin_folder / "pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"], **quiet
    )
    try:
        yield f"postgresql://openline@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*as_user, str(bin_folder / "pg_ctl"), "-D", data, "-m", "immediate", "stop"], **quiet)


if __name__ == "__main__":
    main()
