"""Jobs of insights on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.insights import counting


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="count_figures", pass_context=False)
def count_figures(timestamp: int) -> bool:
    """Count the city's figures anew, if anything changed."""
    return counting.refresh_if_rested()
