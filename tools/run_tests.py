"""Run the whole suite on the embedded PostgreSQL, then what touches the database on Debian's PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ON_BOTH = [
    "tests/care",
    "tests/inbox",
    "tests/outbox",
    "tests/service_requests",
    "tests/records",
    "tests/open311",
    "tests/cities",
]


def main() -> None:
    """Both halves of the matrix; the exit status is a failure if either fails."""
    with tempfile.TemporaryDirectory(prefix="openline-test-") as folder:
        environment = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith("OPENLINE_") or k in ("OPENLINE_REQUIRE_ALL", "OPENLINE_SHARED")
        } | {"OPENLINE_VAR": f"{folder}/var"}
        given = environment.pop("DATABASE_URL", None)
        if given:
            sys.exit(pytest([], environment | {"DATABASE_URL": given}))
        print("== embedded PostgreSQL", flush=True)
        status = pytest([], environment)
        with debian_postgres(Path(folder) / "debian") as url:
            if url:
                print("== Debian's PostgreSQL", flush=True)
                status = pytest(ON_BOTH, environment | {"DATABASE_URL": url}) or status
            elif os.environ.get("OPENLINE_REQUIRE_ALL"):
                print("Debian's PostgreSQL is missing, and OPENLINE_REQUIRE_ALL is set.")
                status = status or 1
            else:
                print("Debian's PostgreSQL is not installed: this half of the matrix did not run.")
    sys.exit(status)


def pytest(paths: list[str], environment: dict[str, str]) -> int:
    """Run pytest on `paths` that exist (all tests by default)."""
    wanted = [path for path in paths if Path(path).exists()]
    return subprocess.call([sys.executable, "-m", "pytest", *wanted], env=environment)


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
