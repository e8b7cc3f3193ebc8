"""Jobs of exports on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.exports import snapshot


@app.periodic(cron="30 7 * * *")
@app.task(queueing_lock="open_data", lock="open_data", pass_context=False)
def publish_open_data(timestamp: int) -> str:
    """Write the nightly snapshot of open data (7:30 UTC: the night in America)."""
    return snapshot.make().name
