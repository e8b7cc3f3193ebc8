"""Jobs of the knowledge room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.knowledge import reminding


@app.periodic(cron="10 6 * * *")
@app.task(queueing_lock="articles_due", pass_context=False)
def articles_due(timestamp: int) -> int:
    """Put on the record which articles somebody has to look at. Returns how many."""
    return reminding.remind()
