"""Numbers that belong to a person: telephones, cards, social security numbers, accounts.

A toll-free line or a number that the city itself publishes is nobody's, nor is the number of a case or a request.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from openline.triage.assessment import PersonalData

FIVE_DIGITS = re.compile(r"\d(?:[ ()./\-–\u00a0]{0,2}\d){4}")
"""Without this there is no number of a person; house numbers have at most four."""
# Digits with at most two separators between them: telephone, card and social security numbers alike.
# Scripts that write no spaces may stand right before and behind.
_LETTER = r"[^\W\u3040-\u9fff\uac00-\ud7af]"
_NUMBER = re.compile(
    rf"(?<!{_LETTER})(?<![#/=$€£.-])\+?\(?\d(?:[ ()./\-–\u00a0]{{0,2}}\d){{5,18}}(?!{_LETTER}|%|[.,]\d)"
)
_DATE_OR_DEGREES = re.compile(r"(19|20)\d\d[-. ]\d\d?[-. ]\d|\d{1,3}\.\d{4,}$|\d{1,2}[-.]\d{1,2}[-.](19|20)\d\d")
_SSN = re.compile(r"(?!000|666|9)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}")
_LOCAL_PHONE = re.compile(r"[2-9]\d\d[ .-]\d{4}")
_PHONE_CUE = re.compile(
    r"\b(call|text|phone|tel|cell|mobile|whats\s?app|reach|contact|dial|number( is|:)|ring"
    r"|ll[aá]m\w*|tel[eé]fono|celular|cel|n[uú]mero|num[eé]ro|portable|t[eé]l[eé]phone|ligar?|ligue|telefone"
    r"|appelez|rele|telefòn|(?:по)?звон\w*|телефон|номер)\b[^\d]{0,25}$"
    r"|(电话|電話|手机|手機|号码|號碼|致电|điện thoại|gọi|số|هاتف|رقم|اتصل\w*|번호|전화|फ़ोन|ফোন)[^\d]{0,12}$",
    re.I,
)
_SSN_CUE = re.compile(r"\b(ssn|social( security)?|seguro social)\b[^\d]{0,25}$", re.I)
_REFERENCE_CUE = re.compile(
    r"\b(case|request|ticket|ref(erence)?|confirmation|order|report|service|permit|invoice|tracking|sr|caso|"
    r"solicitud)\s*(number|no\.?|num|id|#|n[uú]mero)?\s*(is|was|:|#)?\s*$",
    re.I,
)
_ACCOUNT = re.compile(
    r"\b(?:account|acct|acc|customer|cuenta|compte|conta|routing|iban|policy|member|medicaid|medicare"
    r"|(?<!parking )meter|счет|счёт)\b"
    r"(?:\s?(?:number|num|no|nr|id|n[uú]mero|#|is|was|:|\.|de\b|cliente|la\b|mi\b|es\b|ends? in)){0,4}[\s:#]*"
    r"(?P<account>(?!(?:19|20)\d\d ?[-–] ?(?:19|20)\d\d\b)"
    r"(?=(?:[A-Z]{2}\d\d ?)?[A-Z]{0,4}(?:[ -]?\d){5})(?:[A-Z]{2}(?=\d\d))?(?:[A-Z]{1,4}[ -]?)?\d[\d -]{2,26}\d)"
    r"(?![\w%]|[.,]\d)",
    re.I,
)
_ACCOUNT_HINTS = ("acc", "customer", "cuenta", "compte", "conta", "routing", "iban", "policy", "member", "medica",
                  "meter", "счет", "счёт")  # fmt: skip
_SPELLED = re.compile(
    r"\b(?:(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine)[\s,.-]+){6,9}"
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b", re.I
)  # fmt: skip
SPELLED_HINTS = ("five", "seven", "three", "two")
"""Seven digits in a row have one of these, but for the unluckiest of numbers."""
_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})


def numbers(text: str, lower: str, public: tuple[str, ...]) -> Iterator[PersonalData]:
    """Telephone, card and social security numbers and accounts in `text`; `lower` is `text` in lower case.

    `public` are the digits with which telephone numbers begin that are nobody's ("215686").
    """
    if any(map(lower.__contains__, _ACCOUNT_HINTS)):
        yield from (PersonalData("account", *match.span("account")) for match in _ACCOUNT.finditer(text))
    for match in _NUMBER.finditer(text):
        kind = _kind_of_number(match.group(), text[max(0, match.start() - 40) : match.start()], public)
        if kind:
            yield PersonalData(kind, *match.span())


def spelled(text: str) -> Iterator[PersonalData]:
    """Seven to ten digits in a row that are written as English words: a telephone number."""
    yield from (PersonalData("phone", *match.span()) for match in _SPELLED.finditer(text))


def _kind_of_number(written: str, before: str, public: tuple[str, ...]) -> str:
    """What a run of digits is, by its shape and the words `before` it; "" if nothing personal."""
    digits = "".join(str(unicodedata.digit(sign)) for sign in written if sign.isdecimal())
    if 13 <= len(digits) <= 19 and digits[0] in "23456" and _luhn(digits):
        return "card"
    if _SSN.fullmatch(written) or (len(digits) == 9 and _SSN_CUE.search(before)):
        return "ssn"
    if _REFERENCE_CUE.search(before) or _DATE_OR_DEGREES.match(written):
        return ""
    return "phone" if _is_phone(written, digits, before, public) else ""


def _is_phone(written: str, digits: str, before: str, public: tuple[str, ...]) -> bool:
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    if len(national) == 10 and national[0] in "23456789" and national[3] in "23456789":
        return not national.startswith((*_TOLL_FREE, *public)) and _grouped(written)
    if written.startswith("+"):
        return 8 <= len(digits) <= 15
    cued = bool(_PHONE_CUE.search(before))
    return cued and (bool(_LOCAL_PHONE.fullmatch(written)) or 8 <= len(digits) <= 15)


def _grouped(written: str) -> bool:
    """Whether the digits stand in groups of a telephone number, all together, or one by one."""
    groups = re.findall(r"\d+", written)
    sizes = [len(group) for group in groups]
    return sizes[-2:] == [3, 4] or len(sizes) == 1 or sizes[-1:] == [7] or max(sizes) == 1 or sizes[-3:] == [3, 2, 2]


def _luhn(digits: str) -> bool:
    """The check digit of payment cards (ISO/IEC 7812-1)."""
    doubled = [int(d) * 2 for d in digits[-2::-2]]
    return (sum(map(int, digits[-1::-2])) + sum(d - 9 if d > 9 else d for d in doubled)) % 10 == 0
