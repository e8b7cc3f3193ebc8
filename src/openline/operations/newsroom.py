"""The newsroom of the demo: a post that is out, some in the calendar, one to approve, a draft and an idea."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.utils import timezone

from openline.accounts.models import Account, Mandate
from openline.publishing import scheduling, speaking, writing
from openline.publishing.content import Content, Form, Words
from openline.publishing.models import ApprovalRule, Needs, Post
from openline.publishing.states import PostState
from openline.service_requests.jurisdiction import jurisdiction


@dataclass(frozen=True, slots=True)
class Sample:
    """One post: its words, whose it is, and when it goes out: in so many days, None for a draft; `hour` is local."""

    name: str
    text: str
    spanish: str = ""
    mandate: str = Mandate.SERVICE_DESK
    days: int | None = None
    hour: int = 9
    state: str = PostState.DRAFT


SAMPLES = (
    Sample(
        "Leaves",
        "Leaf collection has begun. Please rake leaves to the curb, not into the street: there they block the drains. "
        "#LeafCollection",
        "Empezó la recolección de hojas. Deje las hojas junto a la acera, no en la calle: allí tapan los desagües.",
        days=0,
    ),
    Sample("Recycling", "Recycling tip: a quick rinse is enough, and the label may stay on. #Recycling", days=1),
    Sample(
        "Potholes", "Seen a pothole? Tell us the nearest address or corner, and we tell you when it is closed.", days=2
    ),
    Sample(
        "Sidewalks",
        "After snow, please clear a path on your sidewalk, and help a neighbor who cannot.",
        days=4,
        hour=12,
    ),
    Sample("From the office", "Thank you to the crews who worked through the night.", mandate=Mandate.OFFICIAL, days=3),
    Sample("Street trees", "How to ask for a street tree, and how long it takes."),
    Sample("A film from the depot", "Where the salt comes from: a minute with the crew.", state=PostState.IDEA),
)


def tell() -> None:
    """Put the samples on the desk; does nothing where there are posts already, or nobody to write them."""
    writer = User.objects.filter(username="communications").first()
    if writer is None or Post.objects.exists():
        return
    # The samples are words alone: networks of pictures and films take none of them.
    accounts = [one for one in speaking.accounts_of(writer) if not one.capabilities.needs_media]
    for account in accounts:
        if account.mandate == Mandate.OFFICIAL:
            ApprovalRule.objects.get_or_create(account=account, kind="", defaults={"needs": Needs.ONE})
    for sample in SAMPLES:
        _write(sample, [account for account in accounts if account.mandate == sample.mandate], writer)


def _write(sample: Sample, accounts: list[Account], writer: User) -> None:
    if not accounts:
        return
    texts = {"en": Words(sample.text)} | ({"es": Words(sample.spanish)} if sample.spanish else {})
    forms = tuple(Form(str(account.pk)) for account in accounts)
    content = Content(name=sample.name, texts=texts, forms=forms)
    post = writing.create(content, by=writer, state=sample.state)
    if sample.days is not None:
        scheduling.hand_in(post.pk, _at(sample), by=writer)


def _at(sample: Sample) -> datetime | None:
    """The hour of that day in the city's time; None: now."""
    if not sample.days:
        return None
    zone = ZoneInfo(jurisdiction().time_zone)
    day = timezone.now().astimezone(zone).date() + timedelta(days=sample.days)
    return datetime.combine(day, time(sample.hour), zone)
