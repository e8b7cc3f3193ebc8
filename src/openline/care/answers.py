"""Yes, no, and "here too", as residents say them in the languages in which they write."""

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
_SAME_HERE = (
    r"same here|me too|us too|we too|(?:over )?here too|mine too|ours too|same (?:problem|issue|thing|story)"
    r"(?: here| at mine| on my (?:block|street))?|same on (?:my|our) (?:block|street|side|end)|same for (?:me|us)"
    r"|\+ ?1|ditto|not just you|youre not alone|out here (?:too|as well)|also (?:out|here|happening)(?: here)?"
    r"|(?:still )?(?:out|down|dark|flooded|no \w+)(?: on (?:my|our) (?:block|street))? (?:here )?(?:too|as well)"
    r"|(?:a m[ií]|a nosotros|aqu[ií]|ac[aá]) tambi[eé]n|tambi[eé]n (?:aqu[ií]|ac[aá])"
    r"|(?:lo mismo|igual) (?:aqu[ií]|ac[aá])|moi aussi|ici aussi|nous aussi|pareil ici|pareil chez (?:moi|nous)"
    r"|eu tamb[eé]m|aqui tamb[eé]m|mwen menm tou|isit la tou|у (?:меня|нас) тоже|здесь тоже|тут тоже"
    r"|t[oô]i c[uũ]ng v[aậ]y|[oở] [dđ][aâ]y c[uũ]ng"
    r"|وأنا أيضا|أنا أيضا|هنا أيضا|ونحن أيضا"
)
_SAME_HERE_WITHOUT_SPACES = "我也是|我们也是|我們也是|这里也|這裡也|这边也|這邊也|저도요|저도 그래|우리도|여기도"
_SAYS_SAME = re.compile(rf"(?<!\w)(?:{_SAME_HERE})(?!\w)|{_SAME_HERE_WITHOUT_SPACES}", re.I)
_SHORT = 140
_IS_YES = re.compile(rf"^\W*(?:{_YES}){_POLITE}\W*$", re.I)
_IS_NO = re.compile(rf"^\W*(?:{_NO}){_POLITE}\W*$", re.I)


def yes_or_no(text: str) -> bool | None:
    """True for a plain yes, False for a plain no, None for anything that says more or else."""
    text = text.replace("'", "").replace("’", "")[:60]
    return True if _IS_YES.match(text) else False if _IS_NO.match(text) else None


def same_here(text: str) -> bool:
    """Whether a short text says that what somebody else reported is the same with the writer ("here too")."""
    return len(text) <= _SHORT and _SAYS_SAME.search(text.replace("’", "'")) is not None
