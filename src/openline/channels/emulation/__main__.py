"""`python -m openline.channels.emulation HOOKS NETWORK:PORT...`: run networks' emulators on loopback, in one process.

HOOKS is the address below which they call us, such as http://127.0.0.1:8311/hooks/ ("" for nowhere).
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
from contextlib import ExitStack

import django


def main() -> None:
    """Run the emulators that the arguments name until the process is ended."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    django.setup()
    from openline.channels.emulation.serving import serving

    hooks, *networks = sys.argv[1:]
    with ExitStack() as stack:
        for named in networks:
            network, _colon, port = named.partition(":")
            emulator = importlib.import_module(f"openline.channels.{network}.emulator").Emulator
            stack.enter_context(serving(emulator(f"{hooks}{network}/" if hooks else ""), int(port)))
        threading.Event().wait()


if __name__ == "__main__":
    main()
