"""How near an article is to a question in meaning, where this machine has a sentence model; without one, nothing.

The model is care's (`care/sentences.py`), which gives it to this room when Django starts: `use`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from openline.triage.linear import Floats
from openline.triage.sentences.encoder import Encoder

Source = Callable[[], Encoder | None]
_source: Source | None = None


def use(source: Source) -> None:
    """Have the sentence model come from `source`."""
    global _source
    _source = source


def encoder() -> Encoder | None:
    """The sentence model, if there is one that can be used."""
    return _source() if _source else None


class Meanings:
    """The vectors of articles: of the title with the ways of asking, and of the answer. Texts are encoded once."""

    def __init__(self, model: Encoder, texts: Mapping[int, Sequence[str]], before: Meanings | None = None) -> None:
        self.checksum = model.checksum
        known = before._known if before and before.checksum == model.checksum else {}
        wanted = [text for parts in texts.values() for text in parts]
        new = [text for text in dict.fromkeys(wanted) if text not in known]
        self._known: dict[str, Floats] = {text: known[text] for text in wanted if text in known}
        self._known |= dict(zip(new, model.vectors(new), strict=True))
        self._keys = [key for key, parts in texts.items() for _ in parts]
        self._vectors = np.array([self._known[text] for text in wanted], np.float32)

    def near(self, vector: Floats) -> dict[int, float]:
        """The cosine of each article's nearest text."""
        found: dict[int, float] = {}
        for key, alike in zip(self._keys, (self._vectors @ vector).tolist(), strict=True):
            found[key] = max(found.get(key, -1.0), alike)
        return found
