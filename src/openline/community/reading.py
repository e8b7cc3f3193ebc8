"""The words with which topics begin: the first that who opened a topic said in its thread."""

from __future__ import annotations

from collections.abc import Sequence

from openline.community.models import Comment, Topic


def first_words(topics: Sequence[Topic]) -> list[Comment | None]:
    """The first words of each of `topics`, in their order; None where they have not been read yet. One query.

    Everybody reads their `text`, if they are shown; staff what their `message` really said.
    """
    writers = {topic.thread: topic.by_id for topic in topics}
    found = Comment.objects.filter(thread__in=list(writers), above=None, by__in=set(writers.values()))
    first: dict[str, Comment] = {}
    for one in found.select_related("message__assessment").order_by("at", "message"):
        if one.by_id == writers[one.thread]:
            first.setdefault(one.thread, one)
    return [first.get(topic.thread) for topic in topics]
