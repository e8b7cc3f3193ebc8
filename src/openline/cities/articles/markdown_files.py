"""Articles as Markdown files with a head between “---” (front matter): one file, a folder, or a zip."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from openline.cities.articles.columns import COLUMNS, Known, row_of
from openline.cities.articles.csv_files import found_in
from openline.cities.articles.found import Found
from openline.cities.tables import Bad, Refused, Row, read_text
from openline.knowledge.models import Article

MOST_FILES = 2_000
_MOST_BYTES = 500_000
"""Of one Markdown file."""
_HEAD = re.compile(r"---[ \t]*\n(.*?)\n---[ \t]*(?:\n(.*))?", re.S)
_ALSO = {"lang": "language", "permalink": "slug", "tags": "keywords", "reviewed_on": "reviewed", "review_on": "review",
         "expires_on": "expires", "expirydate": "expires", "service_code": "service"}  # fmt: skip
"""What others call our columns."""
_IN_LINES = {"links"}


def row_in(text: str, stem: str) -> Row:
    """The row of a Markdown file, its slug from its name where the head names none. Raises Bad."""
    match = _HEAD.match(text.lstrip("\ufeff").replace("\r\n", "\n"))
    if not match:
        raise Bad(_("An article begins with “---”, lines of “key: value”, and “---”."))
    head = _head(match[1])
    row = {"slug": slugify(stem)[:120].strip("-_").replace("_", "-")}
    for key, value in head.items():
        name = key.strip().lower()
        row[_ALSO.get(name, name)] = _cell(_ALSO.get(name, name), value)
    row["slug"] = row["slug"].strip("/").rsplit("/", 1)[-1]
    row["body"] = (match[2] or "").strip()
    if not row.get("title") or not row["body"]:
        raise Bad(_("An article needs a title and a text."), "title")
    return row


def _head(text: str) -> dict[str, Any]:
    """The head as YAML, every value a text or a list of texts; as plain lines of “key: value” where it is no YAML."""
    import yaml

    try:
        found = yaml.load(text, yaml.BaseLoader)  # noqa: S506 (the base loader makes texts, lists and mappings alone)
    except (yaml.YAMLError, RecursionError):
        found = None
    if isinstance(found, dict) and all(isinstance(key, str) for key in found):
        return found
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {key: value.strip() for key, value in pairs}


def _cell(name: str, value: Any) -> str:
    """A value of the head as the cell of a table; of a list, the parts."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ("\n" if name in _IN_LINES else "; ").join(value)
    if name in COLUMNS:
        raise Bad(_("Write a text, or a list of texts."), name)
    return ""


def read_markdown(text: str, name: str, city: Known, refused: list[Refused]) -> list[Found]:
    """The article of one file; why it is not taken stands in `refused`."""
    try:
        return [found_in(row_in(text, PurePosixPath(name).stem), name, city)]
    except Bad as error:
        refused.append(Refused(name, 1, str(error), error.column))
        return []


def read_folder(folder: Path, city: Known, refused: list[Refused]) -> list[Found]:
    """The articles of all Markdown files in a folder and those below it."""
    found: list[Found] = []
    paths = sorted(path for path in folder.rglob("*.md") if path.is_file() and path.name.lower() != "readme.md")
    for path in paths[:MOST_FILES]:
        name = path.relative_to(folder).as_posix()
        text = read_text(path, refused, name)
        if text is not None:
            found += read_markdown(text, name, city, refused)
    return _counted(found, len(paths), str(folder), refused)


def read_zip(data: bytes, name: str, city: Known, refused: list[Refused]) -> list[Found]:
    """The articles of all Markdown files in a zip."""
    found: list[Found] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [one for one in archive.infolist() if _is_article(one.filename) and not one.is_dir()]
            for info in inside[:MOST_FILES]:
                text = _unpacked(archive, info, refused)
                if text is not None:
                    found += read_markdown(text, info.filename, city, refused)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        refused.append(Refused(name, 0, _("This zip file cannot be read: make it again, without a password.")))
        return []
    return _counted(found, len(inside), name, refused)


def _is_article(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.suffix.lower() == ".md" and parts.name.lower() != "readme.md" and "__MACOSX" not in parts.parts


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, refused: list[Refused]) -> str | None:
    """A file's text; what it unpacks to is bounded, whatever the archive says of itself."""
    with archive.open(info) as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        refused.append(Refused(info.filename, 0, _("This file is too large for an article.")))
        return None
    try:
        return data.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        refused.append(Refused(info.filename, 0, _("The file is not UTF-8: save it as UTF-8.")))
        return None


def _counted(found: list[Found], files: int, name: str, refused: list[Refused]) -> list[Found]:
    if not files:
        refused.append(Refused(name, 0, _("There is no Markdown file (.md) in it.")))
    if files > MOST_FILES:
        refused.append(Refused(name, 0, _("More than %(number)d files: take them in parts.") % {"number": MOST_FILES}))
    return found


def written(article: Article) -> str:
    """An article as a Markdown file."""
    import yaml

    row = row_of(article)
    head: dict[str, Any] = {name: row[name] for name in COLUMNS if name != "body" and row[name]}
    if "links" in head:
        head["links"] = row["links"].split("\n")
    top = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{top}---\n\n{row['body']}\n"


def files_of(articles: Iterable[Article]) -> Iterator[tuple[str, str]]:
    """Name and text of each article's file."""
    for article in articles:
        yield f"{article.slug}.md", written(article)


def zipped(articles: Iterable[Article]) -> bytes:
    """All of them in one zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files_of(articles):
            archive.writestr(name, text)
    return out.getvalue()
