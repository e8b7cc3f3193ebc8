"""Where the language model is and how much it may cost, from the environment (docs/language-model.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    """One language model and its limits. The prices are for 1,000 tokens, in the city's own currency."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 20.0
    max_tokens: int = 300
    calls_a_day: int = 1000
    tokens_a_day: int = 4_000_000
    price_in: float = 0.0
    price_out: float = 0.0
    private: bool = False


def from_environment(given: Mapping[str, str]) -> Settings | None:
    """The settings in the environment `given`; None, which is off, without an address.

    Raises ValueError, with what to do, for a value that cannot be meant. Never tells the key.
    """
    url = given.get("OPENLINE_LANGUAGE_MODEL_URL", "").strip().rstrip("/")
    if not url:
        return None
    return Settings(
        _address(url),
        _named(given),
        _key(given.get("OPENLINE_LANGUAGE_MODEL_KEY", "").strip()),
        _number(given, "OPENLINE_LANGUAGE_MODEL_SECONDS", 20, least=0.1, most=600),
        int(_number(given, "OPENLINE_LANGUAGE_MODEL_MAX_TOKENS", 300, least=50, most=100_000)),
        int(_number(given, "OPENLINE_LANGUAGE_MODEL_CALLS_A_DAY", 1000)),
        int(_number(given, "OPENLINE_LANGUAGE_MODEL_TOKENS_A_DAY", 4_000_000)),
        _number(given, "OPENLINE_LANGUAGE_MODEL_PRICE_IN", 0, most=10_000),
        _number(given, "OPENLINE_LANGUAGE_MODEL_PRICE_OUT", 0, most=10_000),
        given.get("OPENLINE_LANGUAGE_MODEL_PRIVATE", "") == "1",
    )


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ValueError(
            "OPENLINE_LANGUAGE_MODEL_URL must look like http://127.0.0.1:8000/v1; a key goes into"
            " OPENLINE_LANGUAGE_MODEL_KEY."
        )
    return url


def _named(given: Mapping[str, str]) -> str:
    model = given.get("OPENLINE_LANGUAGE_MODEL_NAME", "").strip()
    if not model:
        raise ValueError("OPENLINE_LANGUAGE_MODEL_NAME is missing: the name under which the server knows its model.")
    return model


def _key(key: str) -> str:
    if key and not (key.isascii() and key.isprintable()):
        raise ValueError("OPENLINE_LANGUAGE_MODEL_KEY holds something that no key can hold.")
    return key


def _number(given: Mapping[str, str], name: str, usual: float, least: float = 0, most: float = 1e12) -> float:
    try:
        value = float(given.get(name, "").strip() or usual)
    except ValueError:
        value = -1.0
    if not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}.")
    return value
