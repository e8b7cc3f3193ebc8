"""Jobs of the public pages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.portal.contact import guard, tokens
from openline.portal.feeds import telling


@app.periodic(cron="35 4 * * *")
@app.task(queueing_lock="forget_senders", pass_context=False)
def forget_senders(timestamp: int) -> int:
    """Drop yesterday's counts of senders, and the e-mail addresses of conversations that are long quiet."""
    return guard.forget_old() + tokens.forget_old()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="tell_hubs", pass_context=False)
def tell_hubs(timestamp: int) -> int:
    """Tell WebSub hubs which feeds have news."""
    return telling.tell_all()
