"""Jobs of publishing on the queue."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from openline.foundation.bulk import notify
from openline.publishing import media
from openline.publishing.alerts import issuing
from openline.publishing.hours import finding
from openline.publishing.models import Post
from openline.publishing.scheduling import WAKE


@app.task(name=media.TASK, lock="films", pass_context=False)
def make_media(post_id: str) -> int:
    """Make the pictures and films of a post as its accounts take them; returns how many were made."""
    post = Post.objects.filter(pk=UUID(post_id)).first()
    if post is None:
        return 0
    made = media.prepare(post)
    notify(WAKE)
    return made


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="expire_alerts", pass_context=False)
def expire_alerts(timestamp: int) -> int:
    """Note the end of alerts whose time is over."""
    return issuing.expire()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="find_questions", pass_context=False)
def find_questions(timestamp: int) -> int:
    """Put what residents ask in a question hour on its board. Returns how much was new."""
    return finding.find_all()
