"""Run by the crash test: sends what is due, and kills itself at the N-th checkpoint."""

from __future__ import annotations

import os
import signal
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "openline.settings"

import django

django.setup()

from openline.outbox import sending  # noqa: E402
from tests.world import use_file_network  # noqa: E402

use_file_network()
left = int(sys.argv[1])


def checkpoint(name: str) -> None:
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)


sending.checkpoint = checkpoint
holder = sending.Holder()
sending.recover()
while sending.send_next(holder.id):
    pass
