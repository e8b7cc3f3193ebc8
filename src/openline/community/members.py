"""Who is a member, in a browser's session and out of it: joining, signing in and out, leaving.

A session holds the member's id and the version of their sign-ins; it is read only for browsers that sent its cookie, so
that whoever never joined is served without a look at it.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY as STAFF
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.community import ideas, naming
from openline.community.models import NETWORK, Follow, Help, Member, SignIn
from openline.inbox.models import Identity
from openline.records import log
from openline.records.models import Kind

STAYS = timedelta(days=60)
"""So long a browser stays signed in."""
SEEN_EVERY = timedelta(hours=12)
_MEMBER, _VERSION = "member", "member_version"


class Refused(Exception):
    """It cannot be; the message says why, `field` which field is meant."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def current(request: HttpRequest) -> Member | None:
    """Who is signed in with this browser; asked once for each request, and without a session cookie of nobody."""
    if not hasattr(request, "member_found"):
        request.member_found = _of_session(request)  # type: ignore[attr-defined]
    found: Member | None = request.member_found  # type: ignore[attr-defined]
    return found


def _of_session(request: HttpRequest) -> Member | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or _MEMBER not in request.session:
        return None
    try:
        known = UUID(hex=request.session[_MEMBER])
    except (TypeError, ValueError, AttributeError):
        return None
    found = Member.objects.filter(pk=known, left_at=None, version=int(request.session.get(_VERSION, 0))).first()
    if found and (found.seen_at is None or timezone.now() - found.seen_at > SEEN_EVERY):
        found.seen_at = timezone.now()
        found.save(update_fields=["seen_at"])
    return found


def sign_in(request: HttpRequest, member: Member) -> None:
    """Sign `member` in with this browser: under a new key, so that no session prepared by another becomes theirs.

    A staff member's session is never made to last longer by it (`staff_signed_in` sees to the other order).
    """
    request.session.cycle_key()
    request.session[_MEMBER], request.session[_VERSION] = member.pk.hex, member.version
    if STAFF not in request.session:
        request.session.set_expiry(STAYS)
    rotate_token(request)
    request.member_found = member  # type: ignore[attr-defined]


def staff_signed_in(request: HttpRequest) -> None:
    """A session in which staff sign in lasts as long as theirs do, whoever was signed in before."""
    if _MEMBER in request.session:
        request.session.set_expiry(None)


def leave_session(request: HttpRequest) -> None:
    """Sign out with this browser; a staff member's session in it stays."""
    for name in (_MEMBER, _VERSION):
        request.session.pop(name, None)
    if STAFF in request.session:
        request.session.cycle_key()
    else:
        request.session.flush()
    request.member_found = None  # type: ignore[attr-defined]


def end_all_sessions(member: Member) -> None:
    """Sign out with all browsers."""
    Member.objects.filter(pk=member.pk).update(version=F("version") + 1)
    member.refresh_from_db(fields=["version"])
    _note(member, "signed out everywhere")


@transaction.atomic
def join(email: str, *, name: str, area: str, language: str, digest: bool) -> Member:
    """Make a member of who has shown that `email` is theirs. Raises Refused, naming the field."""
    now = timezone.now()
    wanted = Member(email=email, name=_name(name), area=area, language=language, digest=digest, joined_at=now,
                    seen_at=now, told_at=now)  # fmt: skip
    _save(wanted)
    if area:
        Follow.objects.create(member=wanted, area=area, since=now)
    _note(wanted, "joined", name=wanted.name, area=area)
    return wanted


@transaction.atomic
def change(member: Member, *, name: str, area: str, language: str, digest: bool) -> None:
    """Change what a member says of themselves. Raises Refused, naming the field."""
    before = {"name": member.name, "area": member.area, "language": member.language, "digest": member.digest}
    if name != member.name:
        member.name = _name(name, member)
    if digest and not member.digest:
        member.told_at = timezone.now()
    member.area, member.language, member.digest = area, language, digest
    _save(member)
    after = {"name": member.name, "area": area, "language": language, "digest": digest}
    changed = {field: [before[field], after[field]] for field in after if before[field] != after[field]}
    if changed:
        _note(member, "changed", **changed)


@transaction.atomic
def leave(member: Member) -> None:
    """Forget the address and the name. What they wrote stays on the record, as that of a former member."""
    _note(member, "left", name=member.name)
    now, address = timezone.now(), member.email
    Follow.objects.filter(member=member).delete()
    ideas.forget(member)
    Help.objects.filter(member=member).delete()
    SignIn.objects.filter(email=address).exclude(email="").update(email="", used_at=now)
    member.email = member.area = member.name_key = ""
    member.name, member.digest, member.left_at = FORMER, False, now
    member.version += 1
    member.save()
    Identity.objects.filter(network=NETWORK, network_user_id=member.author).update(handle=FORMER, name=FORMER)


FORMER = "a former member"
"""The name under which the words of who left stand; `shown` says it in the reader's language."""


def former_name() -> str:
    """The same in the reader's language."""
    return _("a former member")


def shown(member: Member) -> str:
    """The name that everybody reads, of a member or of who was one."""
    return former_name() if member.left_at else member.name


def _name(typed: str, member: Member | None = None) -> str:
    name, wrong = naming.checked(typed)
    if wrong:
        raise Refused(wrong, "name")
    if Member.objects.filter(name_key=naming.key(name)).exclude(pk__in=[member.pk] if member else []).exists():
        raise Refused(_taken(), "name")
    return name


def _taken() -> str:
    return _("A neighbor has this name, or one that looks like it. Add a letter or your street.")


def _save(member: Member) -> None:
    """Save, with the key of the name; two who ask for one name at the same moment do not both get it."""
    member.name_key = naming.key(member.name)
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        if "member_name_once" in str(error):
            raise Refused(_taken(), "name") from None
        raise


def _note(member: Member, what: str, **more: object) -> None:
    """On the record, never with the address."""
    body = {"what": f"member {what}", "member": member.pk, **more}
    log.write([log.Entry(Kind.CHANGED, member.author, body=body)])
