"""Which language a post is in."""

from __future__ import annotations

import pytest

from openline.triage.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The street light on my block has been out for a week", "en"),
        ("pothole at 5th and Lehigh", "en"),
        ("hay un bache enorme en la esquina", "es"),
        ("la luz de la calle está quemada", "es"),
        ("路灯坏了三天了", "zh"),
        ("rác không được thu gom ở đường tôi", "vi"),
        ("на улице не горит фонарь", "ru"),
        ("il y a un nid de poule devant chez moi", "fr"),
        ("tem um buraco enorme na minha rua", "pt"),
        ("gen yon gwo twou nan lari a devan kay mwen", "ht"),
        ("هناك حفرة كبيرة في الشارع", "ar"),
        ("ភ្លើងផ្លូវខូច", "km"),
        ("가로등이 고장났어요", "ko"),
    ],
)
def test_languages_of_residents_are_told_apart(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("luz fundida", "es"), ("no hay luz", "es"), ("bache @ 5th and Lehigh", "es"), ("thanks", "en"),
        ("basura tirada en 5th y Market", "es"), ("Hay un bache enorme en la 5th y Market", "es"),
        ("luz de la calle apagada", "es"), ("lampadaire en panne", "fr"), ("яма на дороге", "ru"),
        ("pothole", "en"), ("路燈壞了", "zh"), ("Broad Snyder", "und"),
    ],
)  # fmt: skip
def test_posts_of_a_few_words(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "😀😀", "12345", "@user https://x.co", "\x00", "\ud800"])
def test_without_words_the_language_is_unknown(text: str) -> None:
    assert detect(text) == "und"


def test_the_networks_tag_helps_where_the_text_does_not() -> None:
    assert detect("😀", "es-MX") == "es"
    assert detect("OK", "pt_BR") == "pt"
    assert detect("The light on our street has been out since Monday", "es") == "en"
    assert detect("...", "not a language") == "und"
