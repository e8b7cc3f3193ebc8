"""Made-up posts for the benchmarks, as Mastodon delivers them: about as long as real ones, places all over the city."""

from __future__ import annotations

import random
from functools import cache

import orjson
from django.utils import timezone

from openline.accounts.models import Account
from openline.care.understanding import understanding
from openline.channels.base import Incoming
from openline.foundation.ids import uuid7

_TEXTS = (
    "huge pothole at {place}, bent my rim on the way to work this morning and I am not the only one, it has"
    " been there since before Christmas and gets deeper every time it rains",
    "the street light at {place} has been out for two weeks now, it is pitch dark at night, please send somebody before"
    " one of the kids who walk home from practice gets hurt",
    "someone dumped mattresses and tires again near {place}, third time this month, can we get a camera here? My"
    " neighbor saw a white pickup around midnight",
    "what day is trash pickup this week around {place} with the holiday on Thursday? nobody seems to know and half of"
    " the block already has the bins out",
    "what a game last night, the whole bar near {place} went wild and we did not sleep at all, go birds! Best season"
    " since I moved here, not even the rain could stop us",
    "Car with no plates and two flat tires at {place}. It has not moved since August and somebody broke the window"
    " yesterday, glass all over the sidewalk.",
    "Thank you to the crew that fixed the sinkhole by {place}, they were fast and friendly. First time in years that"
    " I feel somebody is listening to this neighborhood",
    "The tree in front of {place} lost a big branch in the storm, it hangs over the sidewalk and looks like it could"
    " come down any minute when the wind picks up again",
)
_TO_US = (
    '<span class="h-card" translate="no"><a href="http://bench/@philly311" class="u-url mention">'
    "@<span>philly311</span></a></span>"
)
_PLACES = 4000


def account() -> Account:
    """An account on a network that is spoken here but never asked: deliveries are given to the door."""
    made = Account(network="mastodon", handle=f"@bench-{uuid7()}", server="http://127.0.0.1:1", name="bench")
    made.credentials = {"access_token": "none"}
    made.save()
    return made


def incoming(number: int) -> Incoming:
    """One post of a made-up resident as Mastodon delivers it."""
    author = {"id": str(number), "acct": f"resident{number}", "url": f"http://bench/@resident{number}"}
    network_id = str(10_000_000_000 + number)
    status = {
        "id": network_id,
        "uri": f"http://bench/{uuid7()}",
        "content": f"<p>{_TO_US} {text(number)}</p>",
        "account": author,
        "created_at": timezone.now().isoformat(),
        "visibility": "public",
        "language": "en",
    }
    raw = orjson.dumps({"id": network_id, "type": "mention", "status": status})
    return Incoming("post", network_id, network_id, raw)


@cache
def _places() -> list[str]:
    """Addresses all over the city, in no order."""
    gazetteer = understanding().gazetteer
    found = gazetteer.table.sample(_PLACES) if gazetteer else ["13th & Market"]
    random.Random(0).shuffle(found)
    return found


def text(number: int) -> str:
    """What made-up resident `number` writes."""
    return _TEXTS[number % len(_TEXTS)].format(place=_places()[number % len(_places())])
