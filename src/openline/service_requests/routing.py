"""Which department a request goes to, and why."""

from __future__ import annotations

from dataclasses import dataclass

from openline.service_requests.models import Department, Service

FALLBACK_CODE = "FALLBACK"


@dataclass(frozen=True, slots=True)
class Route:
    """The owner of a request and the reason in words."""

    department: Department
    reason: str


def route(service: Service) -> Route:
    """The department that owns `service`, or the fallback tray: nothing is ever without an owner."""
    if service.department:
        return Route(service.department, f"{service.department.name} owns {service.name}.")
    return Route(fallback(), f"No department owns {service.name}: it waits in the fallback tray.")


def fallback() -> Department:
    """The department that takes what nobody owns; made if the city's files name none."""
    found = Department.objects.filter(fallback=True).first()
    if found:
        return found
    return Department.objects.get_or_create(code=FALLBACK_CODE, defaults={"name": "Contact centre", "fallback": True})[
        0
    ]
