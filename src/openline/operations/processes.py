"""Starting Openline's own processes, and stopping them together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress

import httpx


class Processes:
    """Child processes that live and die together. Use as a context manager."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = os.environ | environment
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, name: str, *arguments: str) -> None:
        """Start `openline ARGUMENTS` in its own session, so that Ctrl-C reaches only us; it ends if we are killed."""
        command = [sys.executable, "-m", "openline.sandbox.child", "openline", *arguments]
        self._children[name] = subprocess.Popen(
            command, env=self._environment, stdin=subprocess.PIPE, start_new_session=True
        )

    def pid(self, name: str) -> int:
        """The process id of a child."""
        return self._children[name].pid

    def ended(self) -> str:
        """The name of a child that ended by itself; empty if all run."""
        return next((name for name, child in self._children.items() if child.poll() is not None), "")

    def stop(self) -> None:
        """Ask all to stop, then insist; at once if somebody is impatient (Ctrl-C again). None is left behind."""
        try:
            for child in self._children.values():
                _signal(child, signal.SIGTERM)
            until = time.monotonic() + 15
            for child in self._children.values():
                with suppress(subprocess.TimeoutExpired):
                    child.wait(max(0.1, until - time.monotonic()))
        finally:
            self._kill()

    def _kill(self) -> None:
        """End what still runs; no signal comes between."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            for child in self._children.values():
                if child.poll() is None:
                    _signal(child, signal.SIGKILL)
                    child.wait()
            self._children.clear()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


def wait_for(url: str, seconds: float, give_up: Callable[[], bool] = lambda: False) -> bool:
    """Wait until `url` answers with success; False if it does not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not give_up():
        try:
            if httpx.get(url, timeout=2).is_success:
                return True
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    return False
