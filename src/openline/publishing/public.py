"""What everybody may know of how the city talks on social networks: figures of public posts and answers alone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from django.utils import timezone

from openline.publishing import replies
from openline.publishing.models import Variant
from openline.publishing.states import VariantState

DAYS = 30
_KEPT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Talk:
    """Posts of the last DAYS days, people who replied in public, how many were answered, median seconds until then."""

    posts: int
    people: int
    answered: int
    wait: float | None

    @property
    def minutes(self) -> int | None:
        """The same in minutes, at least one."""
        return None if self.wait is None else max(1, round(self.wait / 60))


def talk() -> Talk:
    """The figures, counted every ten minutes: anybody may ask for them as often as they like."""
    return _talk(int(time.monotonic() // _KEPT_SECONDS))


@lru_cache(maxsize=1)
def _talk(moment: int) -> Talk:
    return count()


def count() -> Talk:
    """The figures as they are now."""
    since = timezone.now() - timedelta(days=DAYS)
    sent = list(Variant.objects.filter(state=VariantState.SENT, sent_at__gte=since).values_list("id", "post_id"))
    together = replies.Figures()
    for one in replies.figures([variant for variant, _post in sent]).values():
        together.add(one)
    return Talk(len({post for _variant, post in sent}), together.people, together.answered, together.wait)
