"""Jobs of the partners room on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.partners.handlers import catch_up
from openline.partners.hooks.delivering import forget_old


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="partners_catch_up", pass_context=False)
def pass_on_what_was_missed(timestamp: int) -> int:
    """Pass on what was opened while a process did not know of a new partner yet."""
    return catch_up()


@app.periodic(cron="25 4 * * *")
@app.task(queueing_lock="forget_old_deliveries", pass_context=False)
def forget_old_deliveries(timestamp: int) -> int:
    """Drop deliveries of webhooks that are a month old."""
    return forget_old()
