"""Jobs of the neighbors' pages."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.community import digest, gatherings, ideas, joining, mails, reminding, weekly


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


@app.periodic(cron="10 14 * * *")
@app.task(queueing_lock="remind_liaisons", pass_context=False)
def remind_liaisons(timestamp: int) -> int:
    """Remind liaisons whose appointment ends soon."""
    return reminding.remind()


@app.periodic(cron="20 12 * * 1")
@app.task(queueing_lock="send_liaisons_week", pass_context=False)
def send_liaisons_week(timestamp: int) -> int:
    """Tell liaisons what there is to do in their areas."""
    return weekly.send()


@app.task(name=gatherings.TELL, pass_context=False)
def tell_of_change(topic: int, version: int) -> int:
    """Tell who comes that an event was moved or cancelled."""
    return gatherings.tell_of_change(topic, version)


@app.task(name=ideas.TELL, pass_context=False)
def tell_of_answer(topic: int, version: int) -> int:
    """Tell who supports an idea of the city's answer."""
    return ideas.tell_of_answer(topic, version)
