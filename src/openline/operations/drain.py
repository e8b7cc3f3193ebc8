"""`python -m openline.operations.drain`: process what waits at the door, for the benchmarks.

Waits, ready to go, for a lock that the benchmark holds until all are ready; ends when the benchmark says so (at the
end of standard input), so that it can be measured before. Writes, as JSON, when each batch was committed.
"""

from __future__ import annotations

import os
import sys
import threading
import time

START_LOCK = 311


def main() -> None:
    """Load, wait for the start, process until told to end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    import django

    django.setup()
    import orjson

    from openline.care.process import process
    from openline.care.understanding import practised
    from openline.foundation.bulk import query
    from openline.inbox.receiving import WAKE_READERS
    from openline.worker.loops import Loop, Wake

    committed: list[float] = []

    def step() -> float:
        taken = process()
        if taken:
            committed.append(time.time())
        return 0.0 if taken else 5.0

    practised()
    query("SELECT pg_advisory_lock_shared(%s)", [START_LOCK])
    stopping = threading.Event()
    reader = Loop("reader", step, stopping, quick=True)
    for thread in (reader, Wake({WAKE_READERS: [reader]}, stopping)):
        thread.start()
    sys.stdin.read()
    stopping.set()
    reader.wake.set()
    reader.join()
    sys.stdout.buffer.write(orjson.dumps(committed))


if __name__ == "__main__":
    main()
