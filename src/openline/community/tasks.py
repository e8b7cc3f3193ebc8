"""Jobs of the neighbors' pages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.community import digest, joining, mails


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="send_news_by_mail", pass_context=False)
def send_news_by_mail(timestamp: int) -> int:
    """Put the day's news for members into the outbox, once it is morning in the city."""
    return digest.send_due()


@app.periodic(cron="50 * * * *")
@app.task(queueing_lock="forget_who_asked_to_join", pass_context=False)
def forget_who_asked_to_join(timestamp: int) -> int:
    """Forget the addresses of who asked to come in, and what of mails to members never left."""
    return joining.forget_old() + mails.forget_old()
