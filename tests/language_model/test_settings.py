"""Off unless it is set up; what cannot be meant is refused, and the key is never told."""

from __future__ import annotations

import pytest

from openline.language_model.settings import from_environment

GIVEN = {"OPENLINE_LANGUAGE_MODEL_URL": "http://127.0.0.1:8000/v1/", "OPENLINE_LANGUAGE_MODEL_NAME": "qwen3"}


def test_without_an_address_it_is_off() -> None:
    assert from_environment({}) is None
    assert from_environment({"OPENLINE_LANGUAGE_MODEL_KEY": "k", "OPENLINE_LANGUAGE_MODEL_NAME": "m"}) is None


def test_what_is_given_counts() -> None:
    found = from_environment(GIVEN | {
        "OPENLINE_LANGUAGE_MODEL_KEY": "sk-1 ", "OPENLINE_LANGUAGE_MODEL_SECONDS": "2.5",
        "OPENLINE_LANGUAGE_MODEL_CALLS_A_DAY": "7", "OPENLINE_LANGUAGE_MODEL_TOKENS_A_DAY": "800",
        "OPENLINE_LANGUAGE_MODEL_MAX_TOKENS": "90", "OPENLINE_LANGUAGE_MODEL_PRICE_IN": "0.15",
        "OPENLINE_LANGUAGE_MODEL_PRICE_OUT": "0.6", "OPENLINE_LANGUAGE_MODEL_PRIVATE": "1"})  # fmt: skip
    assert found is not None
    assert (found.url, found.model, found.key) == ("http://127.0.0.1:8000/v1", "qwen3", "sk-1")
    assert (found.seconds, found.calls_a_day, found.tokens_a_day, found.max_tokens) == (2.5, 7, 800, 90)
    assert (found.price_in, found.price_out, found.private) == (0.15, 0.6, True)


def test_private_messages_stay_here_unless_it_is_said() -> None:
    usual = from_environment(GIVEN)
    assert usual is not None and not usual.private


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(from_environment(GIVEN | {"OPENLINE_LANGUAGE_MODEL_KEY": "sk-1"}))


@pytest.mark.parametrize("wrong", [
    {"OPENLINE_LANGUAGE_MODEL_URL": "file:///etc/passwd"}, {"OPENLINE_LANGUAGE_MODEL_URL": "127.0.0.1:8000"},
    {"OPENLINE_LANGUAGE_MODEL_URL": "http://me:secret@host/v1"}, {"OPENLINE_LANGUAGE_MODEL_URL": "http://h/v1?key=1"},
    {"OPENLINE_LANGUAGE_MODEL_NAME": " "}, {"OPENLINE_LANGUAGE_MODEL_SECONDS": "soon"},
    {"OPENLINE_LANGUAGE_MODEL_SECONDS": "0"}, {"OPENLINE_LANGUAGE_MODEL_CALLS_A_DAY": "-1"},
    {"OPENLINE_LANGUAGE_MODEL_PRICE_IN": "nan"}, {"OPENLINE_LANGUAGE_MODEL_PRICE_OUT": "1e9"},
    {"OPENLINE_LANGUAGE_MODEL_KEY": "sk\n-secret"}])  # fmt: skip
def test_what_cannot_be_meant_is_refused_without_telling_secrets(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="OPENLINE_LANGUAGE_MODEL_") as told:
        from_environment(GIVEN | wrong)
    assert "secret" not in str(told.value)
