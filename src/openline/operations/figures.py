"""A measured figure, and how time and processors are measured."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil
from django.conf import settings


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and the reference that it is compared with (same unit)."""

    name: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float = 0.0

    def line(self) -> str:
        """The figure in words, with its ratio."""
        text = f"{self.name}: {self.value:,.1f} {self.unit}"
        if self.reference_value:
            text += f" = {self.value / self.reference_value:.2f} x {self.reference} ({self.reference_value:,.1f})"
        return text


def seconds(call: Callable[[], object]) -> float:
    """How long `call` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def database_processes() -> Iterator[psutil.Process]:
    """The processes of our embedded PostgreSQL: the server and one for each connection. None of any other server."""
    for found in psutil.process_iter(["name"]):
        if found.info["name"] != "postgres":
            continue
        with suppress(psutil.Error):
            line = [found, *found.parents()]
            if any("postgres" in " ".join(p.cmdline()) and str(settings.VAR) in " ".join(p.cmdline()) for p in line):
                yield found


def processor_seconds(processes: Iterator[psutil.Process]) -> float:
    """Processor time, of program and system, that these processes have used since they began."""
    total = 0.0
    for found in processes:
        with suppress(psutil.Error):
            used = found.cpu_times()
            total += used.user + used.system
    return total
