"""The sentence model of this machine, loaded where the service model has learnt with it (docs/triage.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import structlog
from django.conf import settings

from openline.triage.sentences.encoder import MODEL, SentenceEncoder, SentenceModelError, present
from openline.triage.service_model import ServiceModel

logger = structlog.get_logger("openline.care")
MEND = "run “openline sentences use”, or put the model back into OPENLINE_SENTENCES"


def stamp() -> int:
    """Changes when the sentence model does; 0 if there is none."""
    folder: Path | None = settings.SENTENCES
    return (folder / MODEL).stat().st_mtime_ns if folder and present(folder) else 0


def load() -> SentenceEncoder:
    """The sentence model of this machine, loaded once. Raises SentenceModelError if there is none that can be used."""
    if not present(settings.SENTENCES):
        raise SentenceModelError("There is no sentence model: run “openline sentences make”.")
    return _load(settings.SENTENCES, stamp())


@lru_cache(1)
def _load(folder: Path, _stamp: int) -> SentenceEncoder:
    return SentenceEncoder(folder, settings.SENTENCES_THREADS)


def encoder() -> SentenceEncoder | None:
    """The sentence model of this machine, or None; if it is there and cannot be used, the log says why."""
    if not present(settings.SENTENCES):
        return None
    try:
        return load()
    except SentenceModelError as error:
        logger.error("sentence_model_unusable", why=str(error))
        return None


def attached(model: ServiceModel) -> ServiceModel:
    """The model with the sentence model that it has learnt with; without that one, words alone decide."""
    if not model.wants:
        return model
    model = replace(model, encoder=encoder())
    if not model.reads_sentences:
        logger.warning("sentence_model_missing", wanted=model.wants, mend=MEND)
    return model


def findings(model: ServiceModel | None) -> Iterator[tuple[bool, str]]:
    """What `openline doctor` has to say of it: nothing where no sentence model is wanted or present."""
    if model and model.wants:
        name = model.encoder.name if model.encoder else ""
        missing = f"the one that the service model learnt with is missing, so words alone decide: {MEND}"
        yield model.reads_sentences, f"Sentence model: {name + ', in use' if model.reads_sentences else missing}."
    elif present(settings.SENTENCES):
        yield True, "Sentence model: there is one, but the service model has not learnt with it."
