"""`python -m openline.sandbox.child MODULE ARGUMENTS`: run a module as a program, as long as its parent lives.

The parent holds the other end of standard input. However it ends, killed too, the pipe closes and
the program ends with it: no server of the sandbox is left behind on its port.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time

_GRACE_SECONDS = 5.0


def end_with_parent() -> None:
    """Wait until standard input closes; then stop this process, gently first."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)


def main() -> None:
    """Run the module that the arguments name."""
    threading.Thread(target=end_with_parent, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
