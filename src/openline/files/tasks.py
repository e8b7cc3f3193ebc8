"""Jobs of the files room."""

from __future__ import annotations

from uuid import UUID

import structlog
from procrastinate.contrib.django import app

from openline.files import films
from openline.files.models import File
from openline.files.pictures import Refused

logger = structlog.get_logger("openline.files")


@app.task(name="openline.files.make_film", lock="films", pass_context=False)
def make_film(file_id: str) -> bool:
    """Make a film anew for networks and pages; one at a time, as it takes a whole processor. False if it cannot be."""
    file = File.objects.filter(pk=UUID(file_id)).first()
    if file is None:
        return False
    try:
        films.make(file)
    except Refused as error:
        logger.warning("film_not_made", file=file_id, reason=str(error))
        return False
    return True
