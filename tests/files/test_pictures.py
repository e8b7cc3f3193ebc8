"""Pictures are made anew without metadata; what is no picture, or a dangerous one, is refused with a reason."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from PIL import Image

from openline.files import pictures
from openline.files.content import look
from openline.files.hashing import from_database, hash_of, to_database
from openline.files.pictures import Picture, Refused
from openline.triage.duplicates import SAME_PHOTO_BITS
from tests.files import samples


def made(data: bytes) -> Picture:
    found = look(data)
    assert found is not None
    return found


def reason(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        look(data)
    return str(caught.value)


def segments(jpeg: bytes) -> list[int]:
    """The markers of a JPEG up to its points."""
    found, at = [], 2
    while jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        found.append(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found


def test_two_sizes_no_larger_than_promised_and_never_enlarged() -> None:
    large, small = made(samples.photo(size=(4000, 3000))), made(samples.photo(size=(200, 100)))
    sizes = [Image.open(io.BytesIO(data)).size for data in (large.view, large.thumbnail, small.view, small.thumbnail)]
    assert sizes == [(1600, 1200), (320, 240), (200, 100), (200, 100)] and (large.width, large.height) == (4000, 3000)
    assert Image.open(io.BytesIO(large.view)).format == "JPEG"
    assert Image.open(io.BytesIO(large.thumbnail)).format == "WEBP"


def test_no_metadata_is_left_in_what_is_shown() -> None:
    data = samples.photo(place=samples.CITY_HALL)
    icc = b"\0" * 128
    with_more = samples.encoded(
        samples.scene(),
        exif=samples.exif(samples.CITY_HALL).tobytes(),
        comment=b"215-555-0100",
        icc_profile=icc,
        xmp=b"<x:xmpmeta>Maria Secret</x:xmpmeta>",
    )
    assert b"Maria Secret" in data and b"215-555-0100" in data and 0xE1 in segments(with_more)
    for sent in (data, with_more):
        found = made(sent)
        assert set(segments(found.view)) <= {0xE0, 0xDB, 0xC2, 0xC4}
        for out in (found.view, found.thumbnail):
            shown = Image.open(io.BytesIO(out))
            assert not shown.getexif() and not {"exif", "xmp", "icc_profile", "comment"} & shown.info.keys()
            assert b"Maria" not in out and b"215-555" not in out and b"EXIF" not in out and b"Exif" not in out


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_no_metadata_is_left_of_other_formats(form: str) -> None:
    found = made(samples.encoded(samples.scene(), form, exif=samples.exif(samples.CITY_HALL).tobytes()))
    assert b"Maria" not in found.view + found.thumbnail
    assert found.position == pytest.approx(samples.CITY_HALL, abs=1e-5)


def test_the_camera_was_turned() -> None:
    picture = Image.new("RGB", (200, 100), "white")
    picture.paste((255, 0, 0), (0, 0, 40, 40))
    data = samples.encoded(picture, exif=samples.exif(orientation=6).tobytes())
    shown = Image.open(io.BytesIO(made(data).view))
    assert (made(data).width, made(data).height) == (100, 200)
    red = shown.getpixel((90, 10))
    assert shown.size == (100, 200) and isinstance(red, tuple) and red[0] > 200 and red[1] < 80


@pytest.mark.parametrize("place", [samples.CITY_HALL, (-33.8568, 151.2153), (0.0001, -0.0001), (-54.8, -68.3)])
def test_where_it_was_taken(place: tuple[float, float]) -> None:
    assert made(samples.photo(place=place)).position == pytest.approx(place, abs=1e-5)


def test_a_position_that_cannot_be_is_none() -> None:
    for place in ((95.0, 10.0), (0.0, 0.0), (10.0, 200.0)):
        assert made(samples.photo(place=place)).position is None
    assert made(samples.photo()).position is None
    broken = samples.photo(place=samples.CITY_HALL).replace(b"N\0\0\0", b"\xff\xff\xff\xff")
    assert look(broken) is not None


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("at", range(6, 120, 3))
def test_broken_exif_is_no_reason_to_refuse_a_photo(at: int) -> None:
    data = bytearray(samples.photo(place=samples.CITY_HALL, orientation=6))
    begins = data.index(b"Exif\0\0")
    data[begins + at : begins + at + 3] = b"\xff\xff\xff"
    found = made(bytes(data))
    assert found.view and b"Maria" not in found.view


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    tracemalloc.start()
    try:
        assert "too many pixels" in reason(samples.bomb())
        assert "too many pixels" in reason(samples.bomb(10_000, 9_000))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_truncated_picture_is_refused() -> None:
    for data in (samples.photo(), samples.encoded(samples.scene(), "PNG"), samples.encoded(samples.scene(), "WEBP")):
        assert "damaged" in reason(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (samples.SVG, "Only pictures"),
        (b"\0\0\0\x24ftypheic\0\0\0\0mif1heic", "Most Compatible"),
        (b"<html><script>alert(1)</script>", "Only pictures"),
        (b"PK\x03\x04" + b"\0" * 100, "Only pictures"),
        (b"MZ" + b"\0" * 100, "Only pictures"),
        (b"GIF89a<script>", "damaged"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "damaged"),
        (b"hello %PDF-1.4 %%EOF", "Only pictures"),
        (b"%PDF-1.4 no end", "Only pictures"),
        (b"II*\0" + b"\0" * 50, "Only pictures"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 30, "damaged"),
    ],
)
def test_everything_else_is_refused_with_what_to_do(data: bytes, words: str) -> None:
    assert words in reason(data)


def test_a_file_that_is_too_large_is_refused() -> None:
    assert "at most 20 MB" in reason(b"\xff" * 20_000_001)


def test_a_mere_line_is_refused() -> None:
    assert "line" in reason(samples.encoded(Image.new("RGB", (5000, 2)), "PNG"))


def test_a_pdf_is_known_by_its_content() -> None:
    assert look(samples.PDF) is None


def test_nothing_of_a_polyglot_but_its_points_is_shown() -> None:
    found = made(samples.polyglot())
    assert b"script" not in found.view + found.thumbnail and b"PK" not in found.view[-40:]


def test_of_an_animation_the_first_picture_is_kept() -> None:
    found = made(samples.animation())
    shown = Image.open(io.BytesIO(found.view))
    assert getattr(shown, "n_frames", 1) == 1 and found.content_type == "image/gif" and found.width == 120


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    pixel = Image.open(io.BytesIO(made(samples.encoded(clear, "PNG")).view)).getpixel((30, 30))
    assert pixel == (255, 255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "I;16"])
def test_every_kind_of_points_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    picture = Image.new("I;16", (50, 50), 40_000) if mode == "I;16" else samples.scene(1, (50, 50)).convert(mode)
    assert Image.open(io.BytesIO(made(samples.encoded(picture, form)).view)).mode == "RGB"


def test_photos_of_the_same_thing_hash_alike_and_others_do_not() -> None:
    def bits(a: int | None, b: int | None) -> int:
        assert a is not None and b is not None
        return (a ^ b).bit_count()

    for seed in range(8):
        one = made(samples.photo(seed)).phash
        again = made(samples.photo(seed, size=(800, 600), quality=40)).phash
        smaller = samples.scene(seed).resize((400, 300))
        assert bits(one, again) <= SAME_PHOTO_BITS and bits(one, hash_of(smaller)) <= SAME_PHOTO_BITS
        assert bits(one, made(samples.photo(seed + 100)).phash) > SAME_PHOTO_BITS


def test_a_picture_of_one_colour_has_no_hash() -> None:
    assert hash_of(Image.new("RGB", (100, 100), "grey")) is None


@pytest.mark.parametrize("value", [0, 1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_hash_survives_the_database(value: int) -> None:
    signed = to_database(value)
    assert signed is not None and -(1 << 63) <= signed < 1 << 63 and from_database(signed) == value


def test_the_limit_of_pixels_lets_a_good_camera_through() -> None:
    assert pictures.MOST_PIXELS >= 48_000_000
