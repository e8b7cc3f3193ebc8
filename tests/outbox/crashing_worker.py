"""Run by the crash test, in a process of its own: sends what is due, and kills itself at the N-th checkpoint."""

from __future__ import annotations

import os
import signal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")

import django

django.setup()

from openline.channels import registry  # noqa: E402
from openline.outbox import sending  # noqa: E402
from tests.world import use_file_network  # noqa: E402

registry.channels()  # read before the fork


def main(kill_at: str) -> None:
    """Send all that is due, or die at the checkpoint of that number."""
    use_file_network()
    left = int(kill_at)

    def checkpoint(name: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sending.checkpoint = checkpoint
    holder = sending.Holder()
    sending.recover()
    while sending.send_next(holder.id):
        pass
