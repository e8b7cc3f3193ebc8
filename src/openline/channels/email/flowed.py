"""Text that a mail program has wrapped at its own width, unfolded again (format=flowed, RFC 3676)."""

from __future__ import annotations


def unfold(text: str) -> str:
    """Join the lines that end with a space to the next of the same depth of quotation."""
    found: list[str] = []
    depth_before, open_line = 0, False
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:]
        words = words[1:] if words.startswith(" ") else words
        if open_line and depth == depth_before and words != "-- ":
            found[-1] += words
        else:
            found.append(">" * depth + (" " if depth else "") + words)
        depth_before, open_line = depth, words.endswith(" ") and words != "-- "
    return "\n".join(found)
