"""Jobs of the console on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.console import presence
from openline.console.once import forget_old


@app.periodic(cron="17 4 * * *")
@app.task(queueing_lock="forget_old_submissions", pass_context=False)
def forget_old_submissions(timestamp: int) -> int:
    """Drop the marks of forms sent more than a week ago, and who looked at what yesterday."""
    return forget_old() + presence.forget_gone()
