"""Run by the crash test: processes what waits, and kills itself right after the step that it is told."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "openline.settings"

import django

django.setup()

from openline.care import acting, process, speaking
from openline.inbox import keeping
from tests.world import use_file_network

use_file_network()
die_at = sys.argv[1]


def deadly(module: Any, name: str) -> None:
    """Let the function do its work and then kill the process."""
    original: Callable[..., Any] = getattr(module, name)

    def call(*args: Any, **more: Any) -> Any:
        result = original(*args, **more)
        if name == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, name, call)


deadly(keeping, "keep")
deadly(acting, "situations")
deadly(acting, "carry_out")
deadly(acting, "open_requests")
deadly(speaking, "say_all")
while process.process():
    if die_at == "committed":
        os.kill(os.getpid(), signal.SIGKILL)
