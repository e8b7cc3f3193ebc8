"""Jobs of service requests on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.service_requests.escalation import escalate


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="escalate", pass_context=False)
def tell_of_deadlines(timestamp: int) -> int:
    """Tell who is to be told before and after deadlines pass."""
    return escalate()
