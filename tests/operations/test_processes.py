"""Children live and die with us, however impatient somebody is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from openline.operations.processes import Processes

_DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def deaf() -> subprocess.Popen[bytes]:
    """A child that does not hear when it is asked to stop."""
    child = subprocess.Popen([sys.executable, "-c", _DEAF], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout and child.stdout.readline() == b"up\n"
    return child


def test_another_ctrl_c_leaves_nobody_behind() -> None:
    processes = Processes({})
    children = [deaf(), deaf()]
    processes._children = {"worker": children[0], "web": children[1]}
    again = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    again.start()
    with pytest.raises(KeyboardInterrupt):
        processes.stop()
    again.join()
    assert [child.poll() for child in children] == [-signal.SIGKILL, -signal.SIGKILL]


def test_a_parent_that_is_killed_takes_its_children_along(tmp_path: Path) -> None:
    """However a test or a demo ends, nobody is left behind on its port."""
    parent = tmp_path / "parent.py"
    parent.write_text(_PARENT)
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    (tmp_path / "sleeper.py").write_text("import time\nprint('up', flush=True)\ntime.sleep(600)\n")
    running = subprocess.Popen([sys.executable, parent], env=environment, stdout=subprocess.PIPE, text=True)
    assert running.stdout
    assert running.stdout.readline() == "up\n"
    running.kill()
    assert running.stdout.read() == ""  # comes only when the child, which holds the other end, has ended
    running.wait()


_PARENT = """
import subprocess, sys, time
command = [sys.executable, "-m", "openline.sandbox.child", "sleeper"]
child = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
time.sleep(600)
"""
