"""Jobs of publishing on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.publishing.alerts import issuing


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_alerts", pass_context=False)
def expire_alerts(timestamp: int) -> int:
    """Note the end of alerts whose time is over."""
    return issuing.expire()
