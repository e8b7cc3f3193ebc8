"""Yes and no, as residents answer a question, in the languages in which they write."""

from __future__ import annotations

import re

_YES = (
    "yes|yep|yeah|yup|ye|y|sure|correct|exactly|that one|same one|that is it|thats it|it is|si|sí|claro|correcto|ese|"
    "es ese|oui|ouais|да|ага|wi|sim|vâng|có|đúng|dạ|نعم|اي|أجل|是|是的|对|對|네|예"
)
_NO = (
    "no|nope|nah|n|not that one|different|another one|otro|otra|es otro|non|нет|não|nao|không|لا|不|不是|否|아니요|아니"
)
_POLITE = r"(?:\W+(?:please|thanks|thank you|gracias|por favor|merci|спасибо|it is|thats it|that one|es ese))?"
_IS_YES = re.compile(rf"^\W*(?:{_YES}){_POLITE}\W*$", re.I)
_IS_NO = re.compile(rf"^\W*(?:{_NO}){_POLITE}\W*$", re.I)


def yes_or_no(text: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything that says more or else."""
    text = text.replace("'", "").replace("’", "")[:60]
    return True if _IS_YES.match(text) else False if _IS_NO.match(text) else None
