"""`python -m openline.operations.storm.worker [speak]`: a whole worker, and a clerk who answers every message once."""

from __future__ import annotations

import os
import sys
import threading


def main() -> None:
    """Work until killed; with the word `speak` only what is to be said."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.settings")
    import django

    django.setup()
    from openline.operations.storm.channel import register
    from openline.worker.loops import Loop
    from openline.worker.main import work

    register()
    stopping = threading.Event()
    if "speak" in sys.argv:
        return work(hear=False, stopping=stopping)
    Loop("clerk", clerk, stopping, quick=True).start()
    work(stopping=stopping)


def clerk() -> float:
    """Answer the oldest messages that have no answer yet; the purpose keeps two clerks from answering both."""
    from django.db import transaction

    from openline.care.speaking import Saying, say_all
    from openline.foundation.bulk import query

    with transaction.atomic():
        rows = query(_UNANSWERED)
        say_all(
            [
                Saying(conversation, account, thread, "public", f"answer to {post}", f"storm:{post}", post, "", "")
                for conversation, account, thread, post in rows
            ]
        )
    return 0.0 if rows else 0.3


_UNANSWERED = """
SELECT m.conversation_id, m.account_id, c.thread, m.network_id
FROM inbox_message m JOIN inbox_conversation c ON c.id = m.conversation_id
WHERE m.direction = 'in' AND NOT EXISTS (
    SELECT 1 FROM outbox_delivery d WHERE d.key = m.conversation_id || ':storm:' || m.network_id)
ORDER BY m.id LIMIT 500
"""


if __name__ == "__main__":
    main()
