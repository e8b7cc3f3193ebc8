"""Which outside geocoder may be asked, and how, from the environment (docs/geography.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args
from urllib.parse import urlsplit

Service = Literal["nominatim", "arcgis", "census"]

PUBLIC: dict[Service, str] = {
    "nominatim": "https://nominatim.openstreetmap.org",
    "arcgis": "https://geocode.arcgis.com",
    "census": "https://geocoding.geo.census.gov",
}
"""Where each service is, if the city names no address of its own."""
LABELS: dict[Service, str] = {"nominatim": "OpenStreetMap", "arcgis": "ArcGIS", "census": "US Census"}


@dataclass(frozen=True, slots=True)
class Settings:
    """One outside geocoder. `city` completes what is asked ("Philadelphia, PA"); `seconds` is for a whole answer."""

    service: Service
    city: str
    url: str
    user_agent: str
    key: str = field(default="", repr=False)
    seconds: float = 3.0

    @property
    def label(self) -> str:
        """The service as people know it."""
        return LABELS[self.service]


def from_environment(given: Mapping[str, str]) -> Settings | None:
    """The settings in the environment `given`; None, which is off, if it names no geocoder.

    Raises ValueError, with what to do, for a value that cannot be meant. Never tells the key.
    """
    named = given.get("OPENLINE_GEOCODER", "").strip().lower()
    if not named:
        return None
    service = next((known for known in get_args(Service) if known == named), None)
    if service is None:
        raise ValueError(f"OPENLINE_GEOCODER must be one of {', '.join(get_args(Service))}, or empty for none.")
    city = given.get("OPENLINE_GEOCODER_CITY", "").strip()
    if not city:
        raise ValueError("OPENLINE_GEOCODER_CITY is missing: what completes an address here, such as Philadelphia, PA.")
    url = _address(given.get("OPENLINE_GEOCODER_URL", "").strip().rstrip("/") or PUBLIC[service])
    return Settings(service, city, url, _agent(given, url), _key(given), _seconds(given))


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(
            "OPENLINE_GEOCODER_URL must look like https://nominatim.example.org; a key goes into OPENLINE_GEOCODER_KEY."
        )
    return url


def _agent(given: Mapping[str, str], url: str) -> str:
    agent = given.get("OPENLINE_GEOCODER_USER_AGENT", "").strip()
    if not agent and url == PUBLIC["nominatim"]:
        raise ValueError(
            "OPENLINE_GEOCODER_USER_AGENT is missing: nominatim.openstreetmap.org wants to know who asks, such as"
            " “Openline of Springfield (web@springfield.example)”."
        )
    return _printable("OPENLINE_GEOCODER_USER_AGENT", agent or "openline")


def _key(given: Mapping[str, str]) -> str:
    return _printable("OPENLINE_GEOCODER_KEY", given.get("OPENLINE_GEOCODER_KEY", "").strip())


def _printable(name: str, value: str) -> str:
    if value and not (value.isascii() and value.isprintable()):
        raise ValueError(f"{name} holds something that cannot be sent: use plain letters, digits and signs.")
    return value


def _seconds(given: Mapping[str, str]) -> float:
    try:
        value = float(given.get("OPENLINE_GEOCODER_SECONDS", "").strip() or 3)
    except ValueError:
        value = -1.0
    if not 0.1 <= value <= 30:
        raise ValueError("OPENLINE_GEOCODER_SECONDS must be a number from 0.1 to 30: somebody waits for the answer.")
    return value
