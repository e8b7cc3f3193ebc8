"""What came of our posts: the comments below them. WordPress 5.6 to 6.9 counts neither readers nor likes by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from openline.channels import reading
from openline.channels.wordpress.client import PAGE, Site

NAMES = ("replies",)
_STANDING = "publish,private,future"
_MOST_PAGES = 10


def metrics(site: Site, network_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """Comments of others by `post:<id>`; a post or page that is in the bin or away is left out."""
    numbers = {one: one.removeprefix("post:") for one in network_ids if one.startswith("post:")}
    found: dict[str, dict[str, int]] = {}
    asked = [number for number in numbers.values() if number.isdecimal()]
    for start in range(0, len(asked), PAGE):
        standing = _standing(site, asked[start : start + PAGE])
        found |= {f"post:{number}": {"replies": n} for number, n in _comments(site, standing).items()}
    return found


def _standing(site: Site, numbers: list[str]) -> list[str]:
    """Those that are published, of posts and then of pages."""
    found: set[str] = set()
    for kind in ("posts", "pages"):
        missing = [number for number in numbers if number not in found]
        if missing:
            ask = {"include": ",".join(missing), "status": _STANDING, "per_page": PAGE, "_fields": "id"}
            found |= {reading.text(item, "id") for _raw, item in site.items(kind, **ask)[0]}
    return [number for number in numbers if number in found]


def _comments(site: Site, numbers: list[str]) -> Counter[str]:
    """How many comments stand below each: from the comments themselves, or one by one where they are very many."""
    found = Counter(dict.fromkeys(numbers, 0))
    if not numbers:
        return found
    asked: dict[str, Any] = {"per_page": PAGE, "_fields": "post", "author_exclude": site.user()}
    page, total = site.items("comments", post=",".join(numbers), **asked)
    pages = -(-total // PAGE)
    if pages > max(_MOST_PAGES, len(numbers)):
        return Counter({one: site.items("comments", post=one, **asked | {"per_page": 1})[1] for one in numbers})
    found.update(reading.text(item, "post") for _raw, item in page)
    for number in range(2, pages + 1):
        more = site.items("comments", post=",".join(numbers), page=number, **asked)[0]
        found.update(reading.text(item, "post") for _raw, item in more)
    return found
