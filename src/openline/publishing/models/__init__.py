"""What the room keeps: posts and their variants, approval, the plan, alerts, links and results."""

from __future__ import annotations

from openline.publishing.models.alerts import Alert, AlertEdition, AlertTemplate, Severity
from openline.publishing.models.approval import ApprovalRule, Needs, Review, Right, Speaker
from openline.publishing.models.planning import CalendarFeed, OnHoliday, Pause, Series
from openline.publishing.models.posts import (
    Errand,
    Post,
    PostMedia,
    PostText,
    PostVersion,
    Published,
    Rendition,
    Variant,
)
from openline.publishing.models.results import (
    Clicks,
    Measurement,
    Question,
    QuestionHour,
    QuestionState,
    ShortLink,
)

__all__ = [
    "Alert",
    "AlertEdition",
    "AlertTemplate",
    "ApprovalRule",
    "CalendarFeed",
    "Clicks",
    "Errand",
    "Measurement",
    "Needs",
    "OnHoliday",
    "Pause",
    "Post",
    "PostMedia",
    "PostText",
    "PostVersion",
    "Published",
    "Question",
    "QuestionHour",
    "QuestionState",
    "Rendition",
    "Review",
    "Right",
    "Series",
    "Severity",
    "ShortLink",
    "Speaker",
    "Variant",
]
