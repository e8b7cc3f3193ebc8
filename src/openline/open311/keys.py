"""Keys of other programs: made, found, and held to their number of requests a minute."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import orjson
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.foundation.bulk import query
from openline.foundation.text import clean
from openline.open311.formats import Problem
from openline.open311.models import ApiKey
from openline.records import log
from openline.records.models import Kind

MOST_A_MINUTE = 6000
_KEY = re.compile(r"ol_[A-Za-z0-9_-]{43}")

# A bucket that fills steadily (token bucket): one statement finds the key, fills its bucket and takes one out, so that
# all processes count together and a burst can never double the limit, as it can with a window of one minute.
_ADMIT = """
WITH found AS (
  SELECT id, least(per_minute, "left" + extract(epoch FROM clock_timestamp() - counted_at) * per_minute / 60.0) AS full_
  FROM open311_apikey WHERE digest = %s AND active FOR UPDATE
)
UPDATE open311_apikey k SET counted_at = clock_timestamp(), "left" = CASE WHEN full_ >= 1 THEN full_ - 1 ELSE full_ END
FROM found WHERE k.id = found.id
RETURNING k.id, k.name, k.review, k.may_update, k.origins::text, k.per_minute, full_
"""


class NotValid(Exception):
    """A key cannot be made so; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The key with which something was sent, as far as it matters."""

    id: int
    name: str
    review: bool
    may_update: bool
    origins: tuple[str, ...]

    @property
    def actor(self) -> str:
        """As it stands in the records."""
        return f"open311:{self.name}"


def admit(text: str) -> Sender:
    """The sender with the key `text`, one request counted. Raises Problem: 403, 400 (no key at all) or 429."""
    if not text:
        raise Problem(403, _("api_key is missing. Ask the city for one; it goes into api_key or the header X-Api-Key."))
    if not _KEY.fullmatch(text):
        raise Problem(400, _("api_key is malformed: a key begins with ol_ and has 46 characters."))
    found = query(_ADMIT, [digest_of(text)])
    if not found:
        raise Problem(403, _("api_key is not known or not active any more. Ask the city for another."))
    pk, name, review, may_update, origins, per_minute, full = found[0]
    if full < 1:
        seconds = max(1, round((1 - full) * 60 / per_minute))
        raise Problem(
            429,
            _("More than %(count)d requests a minute. Try again in %(seconds)d seconds.")
            % {"count": per_minute, "seconds": seconds},
            headers={"Retry-After": str(seconds)},
        )
    return Sender(pk, name, review, may_update, tuple(orjson.loads(origins)))


def digest_of(key: str) -> str:
    """What is kept of a key. It is random, 256 bits, so that a plain hash is as good as a slow one."""
    return hashlib.sha256(key.encode()).hexdigest()


@transaction.atomic
def make(
    name: str,
    contact: str,
    *,
    by: str,
    per_minute: int = 60,
    review: bool = False,
    may_update: bool = False,
    origins: Sequence[str] = (),
) -> tuple[ApiKey, str]:
    """A new key and its text, which nobody can find again. Raises NotValid."""
    name, contact, places = clean(name, 80), clean(contact, 200), [origin_of(text) for text in origins]
    if not name or not contact:
        raise NotValid(_("Give a name, and whom to ask if something is wrong."))
    if not 1 <= per_minute <= MOST_A_MINUTE:
        raise NotValid(_("The limit is between 1 and %(most)d requests a minute.") % {"most": MOST_A_MINUTE})
    if ApiKey.objects.filter(name=name).exists():
        raise NotValid(_("There is a key with this name. Choose another name."))
    text, now = f"ol_{secrets.token_urlsafe(32)}", timezone.now()
    key = ApiKey.objects.create(
        name=name, contact=contact, beginning=text[:9], digest=digest_of(text), review=review, may_update=may_update,
        per_minute=per_minute, left=per_minute, origins=places, counted_at=now, created_at=now, created_by=by,
    )  # fmt: skip
    _record(key, by, "api key made")
    return key, text


@transaction.atomic
def revoke(name: str, *, by: str) -> bool:
    """End a key at once; False if there is no such active key."""
    key = ApiKey.objects.select_for_update().filter(name=name, active=True).first()
    if key is None:
        return False
    key.active = False
    key.save(update_fields=["active"])
    _record(key, by, "api key revoked")
    return True


def origin_of(text: str) -> str:
    """The origin (RFC 6454) that `text` names, such as https://app.example. Raises NotValid."""
    try:
        parts = urlsplit(text.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = urlsplit(""), ""
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise NotValid(_("“%(text)s” is no origin. Write it as https://app.example.") % {"text": text[:100]})
    return f"{parts.scheme}://{parts.hostname}{port}"


def is_registered(origin: str) -> bool:
    """Whether any active key names `origin`: asked before a browser sends (preflight), when no key is known yet."""
    return ApiKey.objects.filter(active=True, origins__contains=[origin]).exists()


def _record(key: ApiKey, by: str, what: str) -> None:
    facts = {"name": key.name, "review": key.review, "may_update": key.may_update, "per_minute": key.per_minute}
    log.write([log.Entry(Kind.ADMINISTERED, by, body={"what": what, "origins": key.origins, **facts})])
