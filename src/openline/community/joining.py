"""Coming in by e-mail: who holds the mailbox is let in, by a link or by a code; nobody else learns who is a member.

The same is done, and the same mail sent, whether the address is known or not. The link is a signed token that ends
after 30 minutes and works once, in whichever browser; the six digits work only in the browser that asked.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from openline.channels.base import Outgoing
from openline.community import mails
from openline.community.models import Member, SignIn
from openline.outbox import mailing
from openline.service_requests.jurisdiction import jurisdiction
from openline.service_requests.languages import speaking

VALID_FOR = timedelta(minutes=30)
MOST_TRIES = 5
"""So often the six digits of one mail may be typed."""
_SALT = "openline.join"


@transaction.atomic
def begin(email: str, *, language: str, next: str = "") -> SignIn | None:
    """Send a mail with a link and a code to `email`; None if the city has no e-mail account to send it by."""
    account = mailing.mail_account()
    if account is None:
        return None
    now, code = timezone.now(), f"{secrets.randbelow(1_000_000):06d}"
    asked = SignIn(email=normal(email), next=next[:300], asked_at=now)
    asked.code = _digest(asked, code)
    asked.save()
    key = f"{mails.JOIN}{asked.pk.hex}"
    mailing.put(account, _mail(asked, code, language), key=key, thread=key, not_after=now + VALID_FOR)
    return asked


def enter(token: str) -> SignIn | None:
    """Let in who opened the link, once. None: it is none of ours, too old, or was used."""
    asked = opened(token)
    return asked if asked and _use(asked) else None


def enter_by_code(asked_id: UUID, code: str) -> SignIn | None:
    """Let in who typed the six digits of the mail, in the browser that asked; a few tries only."""
    found = SignIn.objects.filter(pk=asked_id, used_at=None, asked_at__gt=timezone.now() - VALID_FOR)
    if not found.filter(tries__lt=MOST_TRIES).update(tries=F("tries") + 1):
        return None
    asked = found.first()
    right = asked is not None and constant_time_compare(asked.code, _digest(asked, code))
    return asked if asked and right and _use(asked) else None


def opened(token: str) -> SignIn | None:
    """What a link would let in; looks only, as programs that scan mails open links too."""
    try:
        known = UUID(hex=_signer().unsign(token, max_age=VALID_FOR))
    except (signing.BadSignature, ValueError):
        return None
    return SignIn.objects.filter(pk=known, used_at=None).exclude(email="").first()


def member_of(asked: SignIn) -> Member | None:
    """Who is a member with this address already."""
    return Member.objects.filter(email=asked.email, left_at=None).first() if asked.email else None


def normal(email: str) -> str:
    """The address as it is kept: one address is one member, however it is typed."""
    return email.strip().lower()


def address(asked: SignIn) -> str:
    """The link."""
    return f"{settings.PUBLIC_URL}/join/{_signer().sign(asked.pk.hex)}/"


def forget_old() -> int:
    """Forget the addresses of who asked to come in, a day later; how many."""
    since = timezone.now() - timedelta(days=1)
    return SignIn.objects.filter(asked_at__lt=since).exclude(email="").update(email="")


def _use(asked: SignIn) -> bool:
    """Use it up; of two who come at the same moment one is let in."""
    return bool(SignIn.objects.filter(pk=asked.pk, used_at=None).update(used_at=timezone.now()))


def _digest(asked: SignIn, code: str) -> str:
    return salted_hmac(_SALT, f"{asked.pk.hex}:{code}", algorithm="sha256").hexdigest()


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=_SALT)


def _mail(asked: SignIn, code: str, language: str) -> Outgoing:
    with speaking(language):
        facts = {"city": jurisdiction().name, "link": address(asked), "code": code}
        words = [
            _("Somebody, probably you, wants to come in to the neighbors' pages of %(city)s.") % facts,
            _("Open this page and press the button: %(link)s") % facts,
            _("Or type this code in the browser in which you asked: %(code)s") % facts,
            _("Both work once, for 30 minutes. If it was not you, do nothing: nobody comes in without this mail."),
        ]
        subject = _("Your way in to %(city)s") % facts
    return mailing.letter(asked.email, subject, words, language, automatic=True)
