"""Jobs of customer care on the queue: what may be late and must not be lost."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from openline.accounts.models import Account
from openline.care import advising, fetching, learning, locating, silence
from openline.channels.base import ChannelError
from openline.channels.registry import channel_for
from openline.foundation.secrets import UnreadableSecret
from openline.geography.outside import memory
from openline.inbox import ledger, regaining
from openline.inbox.models import Attention, Conversation, Status
from openline.inbox.receiving import receive
from openline.knowledge import gaps
from openline.records import log
from openline.records.models import Kind
from openline.service_requests.models import ServiceRequest

TRAIN = "openline.care.train_now"
logger = structlog.get_logger("openline.care")


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="sweep_accounts", pass_context=False)
def sweep_accounts(timestamp: int) -> int:
    """Poll every account beside its stream: what a stream missed is found here. Returns how much was new."""
    new = 0
    for account in Account.objects.filter(enabled=True):
        try:
            regaining.catch_up(account)
            new += receive(account.pk, channel_for(account.network).poll(account.ref(), account.cursor))
        except (ChannelError, UnreadableSecret) as error:
            logger.warning("sweep_failed", account=str(account.pk), kind=type(error).__name__)
    return new


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="hand_on_late_parts", pass_context=False)
def hand_on_late_parts(timestamp: int) -> int:
    """Take messages of which a part never came as far as they are here."""
    return ledger.hand_on_late_parts()


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="learn_from_corrections", lock=TRAIN, pass_context=False)
def learn_from_corrections(timestamp: int) -> bool:
    """Train a challenger when staff have corrected enough; running workers take up a better model by themselves."""
    return learning.learn_if_due()


@app.task(name=TRAIN, queueing_lock=TRAIN, lock=TRAIN, pass_context=False)
def train_now(by: str) -> bool:
    """Train a challenger because a member of staff asked for it."""
    return learning.learn_now(by)


@app.task(
    name=advising.TASK,
    pass_context=True,
    priority=advising.LAST,
    retry=RetryStrategy(max_attempts=1, wait=30, retry_exceptions=[advising.TryAgain]),
)
def ask_language_model(context: JobContext, message_id: str) -> str:
    """Ask the language model about a message; once more after half a minute if its server was in trouble."""
    return advising.advise(UUID(message_id), again=not context.job.attempts)


@app.task(
    name=fetching.TASK,
    pass_context=True,
    retry=RetryStrategy(
        max_attempts=fetching.TRIES - 1, exponential_wait=fetching.WAIT_BASE, retry_exceptions=[fetching.TryAgain]
    ),
)
def fetch_photos(context: JobContext, message_id: str) -> int:
    """Fetch the photos of a message; again, ever later, where a server was in trouble. Returns how many there are."""
    return fetching.fetch_photos(UUID(message_id), again=context.job.attempts < fetching.TRIES - 1)


@app.task(name=locating.TASK, priority=locating.LAST)
def ask_outside_geocoder(message_id: str) -> str:
    """Ask the outside geocoder about a resident's answer to "where is it?"."""
    return locating.locate(UUID(message_id))


@app.periodic(cron="15 4 * * *")
@app.task(queueing_lock="forget_outside_answers", pass_context=False)
def forget_outside_answers(timestamp: int) -> int:
    """Drop what outside geocoders answered long ago. Returns how much that was."""
    return memory.forget_old()


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="follow_up_silence", pass_context=False)
def follow_up_silence(timestamp: int) -> int:
    """Remind residents of our questions, and go on where they did not answer in time."""
    return silence.follow_up()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="raise_overdue", pass_context=False)
def raise_overdue(timestamp: int) -> int:
    """Lift the conversations of requests that passed their deadline onto the staff's screen, once."""
    overdue = ServiceRequest.objects.filter(closed_at=None, paused_at=None, due_at__lt=timezone.now())
    waiting = (
        Conversation.objects.filter(reports__request__in=overdue, attention__lt=Attention.LOOK)
        .exclude(why__startswith="Overdue")
        .distinct()
    )
    entries = []
    for conversation in waiting[:500]:
        number = conversation.reports.filter(request__in=overdue).values_list("request__number", flat=True).first()
        Conversation.objects.filter(pk=conversation.pk).update(
            status=Status.OPEN, attention=Attention.LOOK, why=f"Overdue: request {number}."
        )
        entries.append(
            log.Entry(
                Kind.DECIDED,
                "openline",
                conversation.account_id,
                conversation.pk,
                body={"act": "overdue", "request": number},
            )
        )
    log.write(entries)
    return len(entries)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="group_questions", pass_context=False)
def group_questions(timestamp: int) -> int:
    """Put new questions without an article into groups."""
    return gaps.group_new()
