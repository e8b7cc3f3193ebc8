"""One web page as an article: its main text, without menus, banners and footers."""

from __future__ import annotations

from urllib.parse import urldefrag, urljoin

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openline.cities.articles.found import Found
from openline.cities.articles.marking import left_out, markdown_of, text_of
from openline.cities.articles.reaching import get
from openline.cities.tables import Refused
from openline.triage.language import detect

_LEAST = 80
"""A page with fewer characters of text than this has no article."""
_ACCEPT = "text/html, application/xhtml+xml"


def read_page(address: str, refused: list[Refused], own: str = "") -> list[Found]:
    """The article at `address`; why there is none stands in `refused`. Raises FetchFailed."""
    answer, address = get(urldefrag(address)[0], _ACCEPT, own)
    kind = answer.headers.get("content-type", "").split(";")[0].strip().lower()
    if not 200 <= answer.status < 300:
        refused.append(Refused(address, 0, _("The server answered %(status)d.") % {"status": answer.status}))
    elif kind not in ("text/html", "application/xhtml+xml"):
        refused.append(Refused(address, 0, _("This is no web page.")))
    elif found := page_of(answer.body, answer.headers.get("content-type", ""), address):
        return [found]
    else:
        refused.append(Refused(address, 0, _("No article was found on this page: copy its text by hand.")))
    return []


def page_of(body: bytes, content_type: str, address: str) -> Found | None:
    """The article in the page `body` that stands at `address`; None if it has no text to speak of."""
    from bs4 import BeautifulSoup, UnicodeDammit
    from readability import Document

    charset = content_type.partition("charset=")[2].split(";")[0].strip(" \"'")
    html = UnicodeDammit(body, [charset] if charset else [], is_html=True).unicode_markup or ""
    if not html.strip():
        return None
    soup = BeautifulSoup(html, "lxml")
    main = _main(soup)
    document = Document(html)
    content = main or document.summary(html_partial=True)
    text = markdown_of(content, address)
    if len(text) < _LEAST:
        return None
    title = _title(soup) or text_of(document.short_title())
    return Found(
        {
            "title": title[:200],
            "body": _without_title(text, title)[:100_000],
            "language": _language(soup, text),
            "source": _canonical(soup, address),
        },
        address,
        origin=_canonical(soup, address),
        notes=notes_of(content),
    )


def _main(soup: object) -> str:
    """What the page itself marks as its content, if it does so once (HTML, 4.4.14; ARIA `main`)."""
    marked = soup.select("main, [role=main]")  # type: ignore[attr-defined]
    outer = [one for one in marked if not one.find_parent(["main"])]
    if len(outer) != 1:
        return ""
    inner = outer[0].select("article")
    chosen = inner[0] if len(inner) == 1 else outer[0]
    for unwanted in chosen.select(
        "nav, aside, footer, form, [aria-label*=readcrumb], [hidden], .breadcrumb, .breadcrumbs"
    ):
        unwanted.decompose()
    return str(chosen) if len(chosen.get_text(" ", strip=True)) >= _LEAST else ""


def _title(soup: object) -> str:
    """The one h1, else what the page tells those who link to it."""
    headings = soup.select("h1")  # type: ignore[attr-defined]
    if len(headings) == 1 and headings[0].get_text(strip=True):
        return " ".join(headings[0].get_text(" ", strip=True).split())
    told = soup.select_one('meta[property="og:title"]')  # type: ignore[attr-defined]
    return str(told.get("content") or "").strip() if told else ""


def _without_title(text: str, title: str) -> str:
    """The text without a first heading that only repeats the title."""
    first, _line, rest = text.partition("\n")
    return rest.strip() if first.startswith("# ") and first[2:].strip() == title and rest.strip() else text


def _language(soup: object, text: str) -> str:
    """The language that the page says it has, else what it reads like."""
    top = soup.select_one("html[lang]")  # type: ignore[attr-defined]
    told = str(top["lang"]).strip().lower().replace("_", "-") if top else ""
    first = told.split("-")[0]
    if first.isalpha() and 2 <= len(first) <= 3:
        return first
    return language_in(text)


def language_in(text: str) -> str:
    """What a text reads like; the city's own language where that is not clear."""
    found = detect(text[:2_000])
    return found if found and found != "und" else settings.LANGUAGE_CODE.split("-")[0]


def _canonical(soup: object, address: str) -> str:
    """The page's own address, if it names one on the same site (RFC 6596)."""
    link = soup.select_one('link[rel~="canonical"][href]')  # type: ignore[attr-defined]
    named = urldefrag(urljoin(address, str(link["href"])) if link else address)[0]
    same = named.split("/")[:3] == address.split("/")[:3]
    return (named if same else address)[:500]


def notes_of(html: str) -> list[str]:
    """What of the page is not taken along, for the person who imports it."""
    count = left_out(html)
    if not count:
        return []
    words = ngettext("%(n)d picture or film was left out.", "%(n)d pictures and films were left out.", count)
    return [words % {"n": count}]
