"""Who in the department works on a request: a team, a person, or whoever takes it."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openline.service_requests.actions import NotPossible, locked, save
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
            % {"name": person.get_full_name() or person.get_username(), "department": request.department.name}
        )
    request.team, request.assigned_to = team, person
    Assignment.objects.create(
        request=request, department=request.department, team=team, person=person, at=timezone.now(), by=by
    )
    names = [team.name if team else "", (person.get_full_name() or person.get_username()) if person else ""]
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
