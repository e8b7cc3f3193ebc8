"""What somebody hands over (a file, a folder, an address), told apart by its content."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from openline.cities.articles.columns import Known
from openline.cities.articles.csv_files import read_csv
from openline.cities.articles.found import Found
from openline.cities.articles.markdown_files import read_folder, read_markdown, read_zip
from openline.cities.articles.web_page import read_page
from openline.cities.articles.wordpress import read_site, read_wxr
from openline.cities.tables import Refused
from openline.foundation.fetching import FetchFailed

MOST_BYTES = 100_000_000


def read_data(data: bytes, name: str, city: Known, refused: list[Refused]) -> list[Found]:
    """The articles in a file's bytes: CSV, one Markdown file, a zip of them, or an export file of WordPress."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(b"PK"):
        return read_zip(data, name, city, refused)
    if start.startswith((b"<?xml", b"<rss", b"<!--")):
        return read_wxr(data, name, refused)
    try:
        text = data.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        refused.append(Refused(name, line, _("The file is not UTF-8 from here on: save it as UTF-8.")))
        return []
    read = read_markdown if start.startswith(b"---") else read_csv
    return read(text, name, city, refused)


def read_path(path: Path, city: Known, refused: list[Refused]) -> list[Found]:
    """The articles in a file or in a folder of Markdown files."""
    if path.is_dir():
        return read_folder(path, city, refused)
    try:
        if path.stat().st_size > MOST_BYTES:
            refused.append(
                Refused(path.name, 0, _("The file is larger than %(n)d MB.") % {"n": MOST_BYTES // 1_000_000})
            )
            return []
        return read_data(path.read_bytes(), path.name, city, refused)
    except OSError as error:
        refused.append(Refused(str(path), 0, _("The file cannot be read: %(why)s.") % {"why": error.strerror}))
        return []


def read_address(address: str, refused: list[Refused], *, wordpress: bool = False, own: str = "") -> list[Found]:
    """The article of one page; with `wordpress` all posts and pages of the site."""
    try:
        return read_site(address, refused, own) if wordpress else read_page(address, refused, own)
    except FetchFailed as error:
        refused.append(Refused(address, 0, str(error)))
        return []
