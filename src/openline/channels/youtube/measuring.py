"""What came of our films: 50 in a call, which costs one unit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openline.channels import reading
from openline.channels.youtube.client import YouTube
from openline.channels.youtube.commenting import is_video

_FIELDS = {"views": "viewCount", "likes": "likeCount", "replies": "commentCount"}
NAMES = tuple(_FIELDS)
_PAGE = 50


def metrics(youtube: YouTube, network_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By film; one that is gone is left out. Of comments nothing is asked."""
    films = [one for one in network_ids if is_video(one)]
    found: dict[str, dict[str, int]] = {one: {} for one in network_ids if not is_video(one)}
    for start in range(0, len(films), _PAGE):
        ids = ",".join(films[start : start + _PAGE])
        for film in youtube.items("videos", part="statistics", id=ids):
            found[reading.text(film, "id")] = _counts(reading.child(film, "statistics"))
    return found


def _counts(told: dict[str, Any]) -> dict[str, int]:
    values = {name: reading.text(told, field) for name, field in _FIELDS.items()}
    return {name: int(value) for name, value in values.items() if value.isdecimal()}
