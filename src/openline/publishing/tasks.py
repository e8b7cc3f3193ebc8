"""Jobs of publishing on the queue."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from openline.foundation.bulk import notify
from openline.publishing import measuring, media, series, telling
from openline.publishing.alerts import issuing
from openline.publishing.models import Post
from openline.publishing.question_hours import finding
from openline.publishing.scheduling import WAKE


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="make_series", pass_context=False)
def make_series(timestamp: int) -> int:
    """Make the posts of all series that are due to be made; each once, however often this runs."""
    return series.make_all()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="remind_approvers", pass_context=False)
def remind_approvers(timestamp: int) -> int:
    """Remind those who can approve of what is urgent."""
    return telling.remind()


@app.task(name="openline.publishing.tell_of_override")
def tell_of_override(post_id: str, by: int, reason: str) -> None:
    """Tell who would have approved that an alert went out without them."""
    telling.tell_of_override(UUID(post_id), by, reason)


@app.task(name="openline.publishing.tell_of_return")
def tell_of_return(post_id: str, by: int, comment: str) -> None:
    """Tell who wrote a post that it was sent back, and why."""
    telling.tell_of_return(UUID(post_id), by, comment)


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
@app.task(queueing_lock="measure_posts", lock="measure_posts", pass_context=False)
def measure_posts(timestamp: int) -> int:
    """Ask the networks what came of posts, as far as it is time to."""
    return measuring.look()


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
