"""`python -m openline.operations.drain`: process what waits at the door, and end. For the benchmark.

Waits, ready to go, for a lock that the benchmark holds until all are ready.
"""

from __future__ import annotations

import os

START_LOCK = 311


def main() -> None:
    """Load, wait for the start, drain."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    import django

    django.setup()
    from openline.care.process import process
    from openline.care.understanding import understanding
    from openline.foundation.bulk import query
    from openline.triage.assessment import Post

    understanding().reader.assess([Post("warm", "pothole at 13th & Market")])
    query("SELECT pg_advisory_lock_shared(%s)", [START_LOCK])
    while process():
        pass


if __name__ == "__main__":
    main()
