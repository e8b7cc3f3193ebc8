"""Reading a city's templates of alerts: alerts.json, a list as docs/city.md describes it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from openline.cities.tables import Refused, read_json
from openline.publishing.alerts import templates
from openline.publishing.errors import NotPossible

FILE = "alerts.json"


def read_alerts(folder: Path, refused: list[Refused]) -> list[dict[str, Any]]:
    """The templates in `folder`, each as the fields of an AlertTemplate; those that are not right are refused."""
    if not (folder / FILE).is_file():
        return []
    raw = read_json(folder, FILE, refused)
    if raw is not None and not isinstance(raw, list):
        refused.append(Refused(FILE, 0, "The file must hold a list of templates."))
        return []
    found = [_template(number, one, refused) for number, one in enumerate(raw or [], 1)]
    return [one for one in found if one]


def _template(number: int, one: Any, refused: list[Refused]) -> dict[str, Any]:
    try:
        code = str(one["code"])
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,59}", code):
            raise NotPossible(f"“{code}” is no code: use small letters, digits and hyphens.", "code")
        return {"code": code, **templates.checked(one)}
    except NotPossible as error:
        refused.append(Refused(FILE, number, str(error), error.field))
    except (KeyError, TypeError, AttributeError):
        refused.append(Refused(FILE, number, "A template is an object with a code, fields and texts."))
    return {}
