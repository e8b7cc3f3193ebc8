"""What the room keeps: the city and its departments, the catalogue, routing rules, requests, and how they close."""

from __future__ import annotations

from openline.service_requests.models.catalogue import (
    AttributeType,
    CatalogueVersion,
    Service,
    ServiceAttribute,
    ServiceKind,
)
from openline.service_requests.models.city import Department, Holiday, Jurisdiction, Team, WorkingCalendar
from openline.service_requests.models.closing import ResponseTemplate
from openline.service_requests.models.deadlines import Escalation, EscalationRule
from openline.service_requests.models.map import MapCell, MapState
from openline.service_requests.models.requests import (
    BulkChange,
    Caller,
    Contact,
    RequestLink,
    SameOrNot,
    ServiceRequest,
    Update,
)
from openline.service_requests.models.routing import Assignment, RoutingVersion

__all__ = [
    "Assignment",
    "AttributeType",
    "BulkChange",
    "Caller",
    "CatalogueVersion",
    "Contact",
    "Department",
    "Escalation",
    "EscalationRule",
    "Holiday",
    "Jurisdiction",
    "MapCell",
    "MapState",
    "RequestLink",
    "ResponseTemplate",
    "RoutingVersion",
    "SameOrNot",
    "Service",
    "ServiceAttribute",
    "ServiceKind",
    "ServiceRequest",
    "Team",
    "Update",
    "WorkingCalendar",
]
