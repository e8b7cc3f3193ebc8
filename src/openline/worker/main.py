"""One worker process: hearing, understanding, speaking, and the jobs of the queue."""

from __future__ import annotations

import asyncio
import signal
import threading

import structlog
from django.db import connection

from openline.care import understanding
from openline.care.process import process
from openline.foundation import memory
from openline.inbox.receiving import WAKE_READERS
from openline.outbox import sending
from openline.partners import handlers, working
from openline.publishing import leaving, scheduling
from openline.worker.hearing import Ears
from openline.worker.loops import Loop, Wake

logger = structlog.get_logger("openline.worker")

SENDERS = 4
"""Messages sent at the same time by one worker; each waits for its network most of the time."""
_IDLE_SECONDS = 5.0
_POSTS_SECONDS = 1.0
"""A post is at most so late that nobody was woken for."""


def work(*, hear: bool = True, stopping: threading.Event | None = None) -> None:
    """Work until SIGTERM or SIGINT (or `stopping`); what is under way is finished first."""
    stopping = stopping or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
    memory.share_one_heap()
    understanding.practised()
    connection.close()
    reader = Loop("reader", _read, stopping, quick=True)
    sender = Sender()
    senders = [Loop(f"sender-{n}", sender.send, stopping) for n in range(SENDERS)]
    loops = [reader, *senders, Loop("recovery", _recover, stopping), Loop("catalogue", _refresh, stopping)]
    partners = [Loop("partners", working.send_and_ask, stopping), Loop("webhooks", working.tell_webhooks, stopping)]
    posts = [Loop("posts", _publish, stopping)]
    loops += [*partners, *posts]
    if hear:
        loops.append(Loop("ears", Ears(stopping).tend, stopping))
    threads = [
        *loops,
        Wake(
            {
                WAKE_READERS: [reader],
                sending.WAKE_SENDERS: senders,
                handlers.WAKE: partners,
                scheduling.WAKE: posts,
            },
            stopping,
        ),
        threading.Thread(target=_jobs, args=(stopping,), name="jobs", daemon=True),
    ]
    for thread in threads:
        thread.start()
    logger.info("working", senders=SENDERS)
    while not stopping.wait(1.0):
        pass
    for loop in loops:
        loop.wake.set()
    for thread in threads:
        thread.join(timeout=20)
    logger.info("stopped")


def _read() -> float:
    """Process what waits at the door, batch after batch."""
    return 0.0 if process() else _IDLE_SECONDS


def _publish() -> float:
    """Put what is due on its way."""
    return 0.0 if leaving.leave() else _POSTS_SECONDS


class Sender:
    """Sending, with one proof of life for all threads of this worker."""

    def __init__(self) -> None:
        self._holder: sending.Holder | None = None
        self._lock = threading.Lock()

    def send(self) -> float:
        """Send one delivery that is due; returns the seconds to wait if there is none."""
        if sending.send_next(self._holder_id()):
            return 0.0
        return sending.next_due_seconds(_IDLE_SECONDS)

    def _holder_id(self) -> int:
        """The id under which this worker may claim; a new one if the proof of life was lost."""
        with self._lock:
            if self._holder is None or not self._holder.alive():
                self._holder = sending.Holder()
            return self._holder.id


def _recover() -> float:
    sending.recover()
    return 2.0


def _refresh() -> float:
    understanding.refresh()
    return 5.0


def _jobs(stopping: threading.Event) -> None:
    """Run the jobs of the queue (schedules and whatever may be late) in this thread's own event loop."""
    from procrastinate.contrib.django import app

    async def run() -> None:
        worker_app = app.with_connector(app.connector.get_worker_connector())  # type: ignore[attr-defined]
        async with worker_app.open_async():
            task = asyncio.create_task(
                worker_app.run_worker_async(install_signal_handlers=False, listen_notify=True, concurrency=2)
            )
            while not stopping.is_set() and not task.done():
                await asyncio.sleep(0.5)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    while not stopping.is_set():
        try:
            asyncio.run(run())
        except Exception:
            logger.exception("jobs_failed")
            stopping.wait(5.0)
