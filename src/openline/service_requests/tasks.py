"""Jobs of service requests on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.service_requests import map_cells
from openline.service_requests.escalation import escalate


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="escalate", pass_context=False)
def tell_of_deadlines(timestamp: int) -> int:
    """Tell who is to be told before and after deadlines pass."""
    return escalate()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="count_map", pass_context=False)
def count_map(timestamp: int) -> bool:
    """Count the requests in the squares of the map anew, if anything changed."""
    return map_cells.refresh()
