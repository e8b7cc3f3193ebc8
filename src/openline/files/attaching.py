"""Where files belong, and who may see them: each change is one function, with its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.files.models import Attachment, File, Kind
from openline.files.pictures import Refused
from openline.foundation.changes import request_changed
from openline.foundation.text import clean
from openline.records import log
from openline.records.models import Kind as RecordKind

_ALT, _REASON = 1500, 300


def to_message(
    message_id: UUID,
    position: int,
    file: File | None,
    *,
    alt: str = "",
    problem: str = "",
    private: bool = False,
    sent: bool = False,
) -> Attachment | None:
    """Put a file (or why there is none) with the message in which it came; None if it stands there already.

    `sent`: it goes out with a message of ours.
    """
    new = Attachment(
        file=file,
        message_id=message_id,
        position=position,
        alt=clean(alt, _ALT),
        problem=clean(problem, 300),
        private=private,
        at=timezone.now(),
    )
    Attachment.objects.bulk_create([new], ignore_conflicts=True)
    if not Attachment.objects.filter(pk=new.pk).exists():
        return None
    body = {"what": "file" if file else "file refused", "position": position, "problem": new.problem, **_facts(file)}
    kind, actor = (RecordKind.WRITTEN, "openline") if sent else (RecordKind.HEARD, "resident")
    log.write([log.Entry(kind, actor, message_id=message_id, body=body)])
    return new


def from_messages(requests: Mapping[UUID, UUID]) -> int:
    """Attach what came with messages to their requests (`requests`: message to request), for staff alone to see.

    What a request has already stays as it is. Returns how many were attached.
    """
    came = Attachment.objects.filter(message_id__in=list(requests), request_id=None, file__isnull=False)
    rows = [
        Attachment(
            file=one.file,
            message_id=one.message_id,
            request_id=requests[one.message_id],
            position=one.position,
            alt=one.alt,
            private=one.private,
            at=one.at,
        )
        for one in came.select_related("file").order_by("at", "position")
        if one.message_id
    ]
    Attachment.objects.bulk_create(rows, ignore_conflicts=True)
    new = Attachment.objects.filter(pk__in=[row.pk for row in rows]).select_related("file")
    _record(new, "openline", "file attached")
    return len(new)


@transaction.atomic
def from_program(
    request_id: UUID, files: Sequence[File | None], *, actor: str, first: int = 0, problem: str = ""
) -> None:
    """Attach what another program sent with its report, for staff alone to see; None, with the `problem`, for what
    could not be taken in. What the request has already stays as it is."""
    now = timezone.now()
    rows = [
        Attachment(file=file, request_id=request_id, position=position, problem=clean(problem, 300), at=now)
        for position, file in enumerate(files, first)
    ]
    Attachment.objects.bulk_create(rows, ignore_conflicts=True)
    new = Attachment.objects.filter(pk__in=[row.pk for row in rows]).select_related("file")
    _record(new, actor, "file attached" if not problem else "file refused")
    request_changed(request_id)


@transaction.atomic
def from_liaison(request_id: UUID, file: File) -> Attachment | None:
    """Attach a picture that a neighborhood liaison took on the spot, seen by everybody until staff take it off.

    None if the request has that very picture already: who may see it stays as it is.
    """
    new = Attachment(file=file, request_id=request_id, kind=Kind.OTHER, public=file.is_picture, at=timezone.now())
    Attachment.objects.bulk_create([new], ignore_conflicts=True)
    if not Attachment.objects.filter(pk=new.pk).exists():
        return None
    _record([new], "liaison", "file added")
    request_changed(request_id)
    return new


@transaction.atomic
def add(
    request_id: UUID, files: Sequence[File], *, by: User, kind: str = Kind.AFTER, alt: str = "", public: bool = False
) -> None:
    """Attach files that a member of staff gave. The same file again takes the new kind and words."""
    if kind not in Kind.values:
        raise Refused(_("Choose what the photo shows: before, after or other."))
    now = timezone.now()
    rows = {
        file.pk: Attachment(
            file=file, request_id=request_id, position=position, kind=kind, alt=clean(alt, _ALT), by=by, at=now
        )
        for position, file in enumerate(files)
    }
    Attachment.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["request_id", "file"],
        update_fields=["kind", "alt", "removed_at", "removed_reason"],
    )
    added = Attachment.objects.filter(request_id=request_id, file__in=files)
    if public:
        added.filter(private=False).exclude(file__view="").update(public=True)
    _record(added.select_related("file"), by.get_username(), "file added")
    request_changed(request_id)


@transaction.atomic
def change(attachment: Attachment, *, by: User, public: bool, alt: str, kind: str) -> None:
    """Show a photo of a request on the public page or not, and say what it shows."""
    found = Attachment.objects.select_for_update(of=("self",)).select_related("file").get(pk=attachment.pk)
    if found.request_id is None or found.removed_at or found.file is None:
        raise Refused(_("This photo is not with the request any more. Load the page again."))
    if kind not in Kind.values:
        raise Refused(_("Choose what the photo shows: before, after or other."))
    if public and found.private:
        raise Refused(_("This photo came in a private message: it cannot be shown in public."))
    if public and not found.file.is_picture:
        raise Refused(_("Only pictures can be shown in public."))
    what = "file shown" if public and not found.public else "file hidden" if found.public and not public else "file"
    found.public, found.alt, found.kind = public, clean(alt, _ALT), kind
    found.save(update_fields=["public", "alt", "kind"])
    _record([found], by.get_username(), what)
    request_changed(found.request_id)


@transaction.atomic
def remove(attachment: Attachment, *, by: User, reason: str) -> None:
    """Take a file off a request and out of the public view at once; the record keeps it, and the reason."""
    reason = clean(reason, _REASON)
    if not reason:
        raise Refused(_("Say why you remove it."))
    found = Attachment.objects.select_for_update(of=("self",)).select_related("file").get(pk=attachment.pk)
    if found.request_id is None or found.removed_at:
        raise Refused(_("This photo is not with the request any more. Load the page again."))
    found.public, found.removed_at, found.removed_reason = False, timezone.now(), reason
    found.save(update_fields=["public", "removed_at", "removed_reason"])
    _record([found], by.get_username(), "file removed", reason=reason)
    request_changed(found.request_id)


def taken_back(message_id: UUID) -> None:
    """The resident took the message back: what came with it is on no public page any more."""
    shown = list(Attachment.objects.filter(message_id=message_id, public=True).select_related("file"))
    if shown:
        Attachment.objects.filter(pk__in=[one.pk for one in shown]).update(public=False)
        _record(shown, "resident", "file hidden", reason="The message was deleted.")
        for one in shown:
            if one.request_id:
                request_changed(one.request_id)


def seen(attachment: Attachment, *, by: User) -> None:
    """Put on the record that a member of staff opened an original as it came."""
    _record([attachment], by.get_username(), "original opened")


def _record(rows: Iterable[Attachment], actor: str, what: str, **more: str) -> None:
    log.write(
        [
            log.Entry(
                RecordKind.CHANGED,
                actor,
                message_id=row.message_id,
                request_id=row.request_id,
                body={"what": what, "kind": row.kind, "alt": row.alt, "public": row.public, **_facts(row.file), **more},
            )
            for row in rows
        ]
    )


def _facts(file: File | None) -> dict[str, object]:
    return {"sha256": file.sha256, "content_type": file.content_type, "bytes": file.size_bytes} if file else {}
