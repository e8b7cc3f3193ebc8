"""`python -m openline.channels.emulation NETWORK PORT [HOOK]`: run a network's emulator on loopback."""

from __future__ import annotations

import importlib
import os
import sys

import django

from openline.channels.emulation.serving import run


def main() -> None:
    """Run the emulator that the arguments name; HOOK is the address at which it calls us."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    django.setup()
    network, port, *hook = sys.argv[1:]
    module = importlib.import_module(f"openline.channels.{network}.emulator")
    run(module.Emulator(*hook), int(port))


if __name__ == "__main__":
    main()
