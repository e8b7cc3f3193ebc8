"""Run by the crash test, in a process of its own: processes what waits, and kills itself right after one step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")

import django

django.setup()

from openline.care import acting, process, speaking
from openline.channels import registry
from openline.inbox import keeping
from tests.world import use_file_network

registry.channels()  # read before the fork


def deadly(module: Any, name: str, die_at: str) -> None:
    """Let the function do its work and then kill the process."""
    original: Callable[..., Any] = getattr(module, name)

    def call(*args: Any, **more: Any) -> Any:
        result = original(*args, **more)
        if name == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, call)


def main(die_at: str) -> None:
    """Process all that waits, or die after the step of that name."""
    use_file_network()
    deadly(keeping, "keep", die_at)
    deadly(acting, "situations", die_at)
    deadly(acting, "carry_out", die_at)
    deadly(acting, "open_requests", die_at)
    deadly(speaking, "say_all", die_at)
    while process.process():
        if die_at == "committed":
            os.kill(os.getpid(), signal.SIGKILL)
