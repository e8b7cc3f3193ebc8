"""STOP, START and HELP, as carriers, CTIA's guidelines and residents write them.

Only a message that is nothing but the word counts: "stop sign is broken" is a report.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Keyword = Literal["stop", "start", "help", ""]

_WORDS: dict[Keyword, tuple[str, ...]] = {
    "stop": (
        # English: Twilio's default list and the FCC's rule of 2025. What is also a name (Vietnamese "Huy") is left out.
        "stop|stopall|stop all|unsubscribe|cancel|end|quit|revoke|optout|opt out|remove me",
        "alto|parar|pare|baja|cancelar|detener|sair|descadastrar",  # Spanish, Portuguese
        "arret|arreter|desabonner|rete|sispann|stopp|abmelden|dung lai|huy dang ky",  # French, Haitian, German, Viet.
        "стоп|отписаться|停止|退订|取消订阅|중지|수신거부|توقف|إيقاف",
    ),
    "start": (
        "start|unstop|subscribe|optin|opt in|iniciar|comenzar|alta|comecar|debut|demarrer|komanse|dang ky",
        "старт|开始|시작|ابدأ",
    ),
    "help": ("help|info|ayuda|informacion|ajuda|informacao|aide|hilfe|tro giup", "помощь|帮助|도움말|مساعدة"),
}


def _bare(text: str) -> str:
    """Small letters without accents and signs, words one space apart."""
    letters = unicodedata.normalize("NFD", text.casefold())
    plain = "".join(char for char in letters if not unicodedata.combining(char)).replace("đ", "d")
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFC", plain)))


_KEYWORDS: dict[str, Keyword] = {
    _bare(word): name for name, lists in _WORDS.items() for words in lists for word in words.split("|")
}


def keyword(text: str) -> Keyword:
    """Which of them `text` is; "" for none."""
    return _KEYWORDS.get(_bare(text), "") if len(text) < 60 else ""
