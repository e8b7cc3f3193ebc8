"""A server as a process of its own: started, waited for, and ended with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path


def run(
    command: Sequence[str | Path],
    folder: Path,
    ready: Callable[[], bool],
    *,
    environment: Mapping[str, str] | None = None,
    seconds: float = 30,
) -> subprocess.Popen[bytes]:
    """Start `command` in `folder`, its words in a log there, and wait until `ready()`; fails with the log if not."""
    log = folder / f"{Path(command[0]).name}.log"
    with open(log, "ab") as words:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(Exception):
            if ready():
                return process
        time.sleep(0.1)
    end(process)
    raise AssertionError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def end(process: subprocess.Popen[bytes], seconds: float = 5) -> None:
    """End the process and what it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


@contextlib.contextmanager
def running(command: Sequence[str | Path], folder: Path, ready: Callable[[], bool], **more: object) -> Iterator[None]:
    """The server, while the block runs."""
    process = run(command, folder, ready, **more)  # type: ignore[arg-type]
    try:
        yield
    finally:
        end(process)
