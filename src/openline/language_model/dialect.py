"""Servers speak OpenAI's protocol with small differences: what one refuses by name is said in its way from then on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from openline.language_model.question import Question
from openline.language_model.settings import Settings


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server is asked. `schema`: it holds the answer to a JSON schema; otherwise only to JSON."""

    schema: bool = True
    limit: str = "max_tokens"
    temperature: bool = True

    def body(self, settings: Settings, question: Question) -> dict[str, Any]:
        """The body of a chat completion (https://platform.openai.com/docs/api-reference/chat/create)."""
        format_: dict[str, Any] = {"type": "json_object"}
        if self.schema:
            format_ = {
                "type": "json_schema",
                "json_schema": {"name": "reading", "strict": True, "schema": question.schema()},
            }
        body = {
            "model": settings.model,
            "messages": question.messages(),
            "response_format": format_,
            self.limit: settings.max_tokens,
        }
        return body | ({"temperature": 0} if self.temperature else {})

    def after(self, refusal: str) -> Dialect | None:
        """The dialect to try after a server refused with these words; None if they name nothing that can be changed.

        Known refusals: OpenAI's newer models ("use max_completion_tokens"), older llama.cpp and its kin
        ("response_format type must be one of text or json_object").
        """
        if self.limit == "max_tokens" and "max_completion_tokens" in refusal:
            return replace(self, limit="max_completion_tokens")
        if self.schema and ("response_format" in refusal or "json_schema" in refusal):
            return replace(self, schema=False)
        if self.temperature and "temperature" in refusal:
            return replace(self, temperature=False)
        return None


_known: dict[tuple[str, str], Dialect] = {}


def dialect_of(settings: Settings) -> Dialect:
    """How the server is asked, as far as this process knows."""
    return _known.get((settings.url, settings.model), Dialect())


def remember(settings: Settings, dialect: Dialect) -> None:
    """Ask the server in this way from now on."""
    _known[settings.url, settings.model] = dialect
