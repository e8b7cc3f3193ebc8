"""Children live and die with us, however impatient somebody is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

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
