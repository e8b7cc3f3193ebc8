"""Jobs of the API."""

from __future__ import annotations

from uuid import UUID

from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from openline.open311 import media


@app.task(
    name=media.TASK,
    pass_context=True,
    retry=RetryStrategy(
        max_attempts=media.TRIES - 1, exponential_wait=media.WAIT_BASE, retry_exceptions=[media.TryAgain]
    ),
)
def fetch_media(context: JobContext, request_id: str, address: str, position: int, actor: str) -> bool:
    """Fetch a photo that was named with a request; again, ever later, where a server was in trouble."""
    again = context.job.attempts < media.TRIES - 1
    return media.fetch_one(UUID(request_id), address, position, actor, again=again)
