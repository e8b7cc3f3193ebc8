"""Who in the department works on a request: a team, a person, or whoever takes it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.service_requests.actions import NotPossible, locked, save
from openline.service_requests.escalation import SUPERVISORS
from openline.service_requests.models import Assignment, ServiceRequest, Team
from openline.service_requests.states import FINISHED_STATES


@transaction.atomic
def give(
    request_id: UUID, *, by: User, team: Team | None = None, person: User | None = None, version: int | None = None
) -> ServiceRequest:
    """Give an open request to a team or a person of its department; to neither: it lies with the department again.

    Raises NotPossible if they do not work for the department.
    """
    request = locked(request_id, version)
    if request.status in FINISHED_STATES:
        raise NotPossible(_("This request is finished. Open it again first."))
    if team and team.department_id != request.department_id:
        raise NotPossible(_("That team belongs to another department. Hand the request over first."))
    if person and not works_for(person, request):
        raise NotPossible(
            _("%(name)s does not work for %(department)s.")
            % {"name": called(person), "department": request.department.name}
        )
    _assign(request, team, person, by)
    names = [team.name if team else "", called(person) if person else ""]
    return save(request, by, "assigned", note="→ " + (", ".join(filter(None, names)) or request.department.name))


def works_for(person: User, request: ServiceRequest) -> bool:
    """True if `person` is a member of the request's department or of one of its teams."""
    own = request.department_id
    return person.is_active and (
        person.departments.filter(pk=own).exists() or person.teams.filter(department_id=own).exists()
    )


def colleagues(request: ServiceRequest) -> list[User]:
    """Who may be given the request, by name."""
    own = User.objects.filter(is_active=True)
    found = own.filter(departments=request.department_id) | own.filter(teams__department=request.department_id)
    return list(found.distinct().order_by("last_name", "username"))


@transaction.atomic
def give_to_another(request_id: UUID, *, than: int | None) -> ServiceRequest:
    """Give a request that was opened again to somebody who has not finished it: the colleague with the least to do.

    `than` is the user who closed it. A colleague of the team comes first, then of the department; if there is none,
    it lies with the department and the supervisors are told.
    """
    request = locked(request_id, None)
    others = [user for user in colleagues(request) if user.pk not in (than, request.assigned_to_id)]
    members = set(request.team.members.values_list("pk", flat=True)) if request.team else set()
    person = _least_to_do([user for user in others if user.pk in members] or others)
    if person is None:
        request.assigned_to = None
        names = " ".join(f"@{user.get_username()}" for user in supervisors())
        return save(request, None, "assigned", note=f"Opened again, and nobody else works there: {names}")
    _assign(request, request.team, person, None)
    note = f"→ {called(person)}: opened again, so somebody else looks. @{person.username}"
    return save(request, None, "assigned", note=note)


def _assign(request: ServiceRequest, team: Team | None, person: User | None, by: User | None) -> None:
    """Put the locked `request` into other hands in its department, and remember it; the caller saves the request."""
    request.team, request.assigned_to = team, person
    Assignment.objects.create(
        request=request, department=request.department, team=team, person=person, at=timezone.now(), by=by
    )


def called(person: User) -> str:
    """How colleagues name a member of staff."""
    return person.get_full_name() or person.get_username()


def _least_to_do(people: list[User]) -> User | None:
    busy = Count("requests", filter=Q(requests__closed_at=None))
    found = User.objects.filter(pk__in=[user.pk for user in people]).annotate(busy=busy)
    return found.order_by("busy", "username").first() if people else None


def supervisors() -> list[User]:
    """The supervisors of the contact centre."""
    return list(User.objects.filter(groups__name=SUPERVISORS, is_active=True).order_by("username"))


@transaction.atomic
def tell_supervisors(request_id: UUID, why: str) -> ServiceRequest:
    """Put the request under "Mentions me" of all supervisors, with the reason."""
    names = " ".join(f"@{user.get_username()}" for user in supervisors())
    return save(locked(request_id, None), None, "note", note=f"{names} {why}".strip())
