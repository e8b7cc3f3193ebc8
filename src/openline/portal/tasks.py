"""Jobs of the public pages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.portal.contact import guard, tokens


@app.periodic(cron="35 4 * * *")
@app.task(queueing_lock="forget_senders", pass_context=False)
def forget_senders(timestamp: int) -> int:
    """Drop yesterday's counts of senders, and the e-mail addresses of conversations that are long quiet."""
    return guard.forget_old() + tokens.forget_old()
