"""What a form brings goes to the inbox's door, stored as it came, before anybody tries to understand it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.accounts.models import Account
from openline.care.acting import BY
from openline.channels.base import Incoming
from openline.channels.base import Refused as NotRead
from openline.channels.enclosing import Enclosed, digest, pack, where
from openline.channels.registry import channel_for
from openline.community.models import Walk
from openline.files import content
from openline.files.pictures import Refused
from openline.inbox.receiving import store
from openline.portal.models import Talk
from openline.service_requests.callers import LIAISON

NETWORK = "web"
MOST_FILES = 5
MOST_BYTES_IN_ALL = 40_000_000


def account() -> Account:
    """The account of the city's own pages, made with the first use of them."""
    found = Account.objects.filter(network=NETWORK).order_by("created_at").first()
    if found is None:
        found, _new = Account.objects.get_or_create(network=NETWORK, handle="web", server="", defaults={"name": "Web"})
    return found


def setting(name: str, default: str = "") -> str:
    """What the city chose for its pages (`channels/web/settings.py`); looks only, makes no account."""
    found = Account.objects.filter(network=NETWORK).order_by("created_at").first()
    return str(getattr(found, "settings", {}).get(name, default)) if found else default


def take(uploads: Sequence[UploadedFile]) -> list[Enclosed]:
    """The files of a form, looked at so that who sent them hears at once. Raises Refused naming the file."""
    if len(uploads) > MOST_FILES:
        raise Refused(_("Choose at most %(number)d files at once.") % {"number": MOST_FILES})
    if sum(one.size or 0 for one in uploads) > MOST_BYTES_IN_ALL:
        raise Refused(
            _("These files are too large together: at most %(megabytes)d MB.")
            % {"megabytes": MOST_BYTES_IN_ALL // 1_000_000}
        )
    return [_take(one) for one in uploads]


def _take(one: UploadedFile) -> Enclosed:
    data = one.read(content.MOST_BYTES + 1)
    try:
        picture = content.look(data)
    except Refused as error:
        raise Refused(f"{(one.name or '')[:80]}: {error}") from None
    kind, position = (picture.content_type, picture.position) if picture else (content.PDF, None)
    return Enclosed((one.name or "")[:80], kind, data, position)


@transaction.atomic
def begin(form: UUID, *, email: str, language: str) -> Talk:
    """The conversation of this form; the same form sent again has the same one."""
    now = timezone.now()
    facts = {"account": account(), "email": email, "language": language, "created_at": now, "active_at": now}
    talk, new = Talk.objects.get_or_create(pk=form, defaults=facts)
    if email and not new and not talk.email:
        talk.email = email
        talk.save(update_fields=["email"])
    return talk


@transaction.atomic
def put(
    talk: Talk,
    text: str,
    files: Sequence[Enclosed] = (),
    *,
    about: str = "",
    place: str = "",
    page: str = "",
    follows: str = "",
    in_reply_to: str = "",
    form: UUID,
) -> bool:
    """Store what was written at the door. False if the very same was there already: a form that was sent twice.

    A form that was changed and sent again is another message: no words are lost. `follows`: the number of the request
    on whose page it was written.
    """
    now = timezone.now()
    facts = {"about": about, "place": place, "page": page, "follows": follows, "in_reply_to": in_reply_to}
    if Walk.objects.filter(pk=talk.pk).exists():
        facts[BY] = LIAISON
    new = store(talk.account_id, [delivery(talk, text, files, facts, form, now)])
    if new:
        Account.objects.filter(pk=talk.account_id).update(last_heard_at=now)
        Talk.objects.filter(pk=talk.pk).update(active_at=now)
    return bool(new)


def delivery(
    talk: Talk, text: str, files: Sequence[Enclosed], facts: Mapping[str, str], form: UUID, now: datetime
) -> Incoming | NotRead:
    """What was written, as the channel reads it; its id follows from the form and from what stands in it."""
    known = f"{talk.pk.hex}.{digest((form.hex, text, facts['place']), files)}"
    head = {"what": "message", "id": known, "author": talk.author, "at": now.isoformat(), "text": text,
            "language": talk.language, **facts, **where(files)}  # fmt: skip
    return channel_for(NETWORK).parse(pack(head, files))
