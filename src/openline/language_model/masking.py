"""What of a post may leave this machine: its words without personal data, names, handles and links."""

from __future__ import annotations

import re
from collections.abc import Iterable

from openline.foundation.text import clean, shorten
from openline.triage.personal_data import public_text

LONGEST = 4000
"""More characters of a post than this are not sent."""
_SHORTEST_NAME = 3


def masked(text: str, own_names: Iterable[str] = ()) -> str:
    """`text` as it may be sent. `own_names` are the author's handle and name, which are taken out too.

    The place of the problem stays, the resident's home does not: `triage.personal_data` tells them apart.
    """
    text = clean(text)
    names = [re.escape(name) for name in _written(own_names)]
    if names:
        text = re.sub(rf"(?<!\w)@?(?:{'|'.join(names)})(?!\w)", "[name removed]", text, flags=re.I)
    bare = public_text(text)
    return bare if len(bare) <= LONGEST else shorten(bare, LONGEST)


def _written(own_names: Iterable[str]) -> list[str]:
    """The names as they may be written in a post, the longest first: "@maria@example.org" is also "maria"."""
    found = {name.strip().lstrip("@") for name in own_names}
    found |= {name.split("@")[0] for name in found}
    return sorted((name for name in found if len(name) >= _SHORTEST_NAME), key=len, reverse=True)
