"""Jobs of publishing on the queue."""

from __future__ import annotations

from procrastinate.contrib.django import app

from openline.publishing import measuring


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="measure_posts", lock="measure_posts", pass_context=False)
def measure_posts(timestamp: int) -> int:
    """Ask the networks what came of posts, as far as it is time to."""
    return measuring.look()
