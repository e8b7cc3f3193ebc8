"""Jobs of the public pages."""

from __future__ import annotations

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from openline.portal.contact import guard, tokens
from openline.portal.feeds import telling
from openline.portal.mentions import looking
from openline.portal.mentions.views import TASK

TRIES, WAIT_BASE = 5, 6
"""So many looks at a page, the next one after 6, 36, 216, ... seconds."""


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


@app.task(
    name=TASK,
    pass_context=True,
    retry=RetryStrategy(max_attempts=TRIES - 1, exponential_wait=WAIT_BASE, retry_exceptions=[looking.TryAgain]),
)
def look_at_mention(context: JobContext, source: str, target: str) -> str:
    """Look at a page that says it mentions one of ours."""
    return looking.look(source, target, again=context.job.attempts < TRIES - 1)
