"""The gazetteer on a little city of our own, where every number can be checked by hand."""

from __future__ import annotations

import pytest

from openline.geography.finder import find_places, geocode
from openline.geography.gazetteer import AreaShape, Corner, Gazetteer, Landmark, Segment
from openline.geography.lines import metres

STEP = 0.002
"""Degrees between two corners: some 200 m."""


def _box(west: float, south: float, east: float, north: float) -> dict[str, object]:
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def _streets() -> list[Segment]:
    """Elm St and Oak Ave run east, 1st to 3rd St (north and south of Elm St) cross them."""
    segments = []
    for row, (name, suffix) in enumerate((("ELM", "ST"), ("OAK", "AVE"))):
        for block in range(3):
            west, lat, low = block * STEP, row * STEP, 100 * (block + 1)
            line = ((west, lat), (west + STEP, lat))
            segments.append(Segment("", name, suffix, "", low, low + 98, low + 1, low + 99, line))
    for number, name in enumerate(("1ST", "2ND", "3RD")):
        lon = number * STEP
        segments.append(Segment("N", name, "ST", "", 100, 198, 101, 199, ((lon, 0.0), (lon, STEP))))
        segments.append(Segment("S", name, "ST", "", 100, 198, 101, 199, ((lon, 0.0), (lon, -STEP))))
    segments.append(Segment("", "MC KINLEY", "LN", "", 0, 0, 0, 0, ((0.0, -STEP), (STEP, -STEP))))
    return segments


@pytest.fixture(scope="module")
def city() -> Gazetteer:
    return Gazetteer.compile(
        _streets(),
        [Corner("MC KINLEY LN", "OAK AVE", 0.0005, 0.0005)],
        [
            Landmark("Tower of Bells", "tower", 0.001, 0.001, ("the Old Bells",)),
            Landmark("Rivertown Park", "park", 0.003, 0.001),
        ],
        [
            AreaShape("old", "Old Quarter", "neighborhood", ("Oldtown",), _box(-0.001, -0.003, 0.002, 0.003)),
            AreaShape("new", "New Quarter", "neighborhood", (), _box(0.002, -0.003, 0.007, 0.003)),
        ],
        [("Grand", "ELM ST")],
        home=("Smallville",),
        elsewhere=("Bigville",),
    )


def test_a_house_lies_along_its_block_on_its_side(city: Gazetteer) -> None:
    place = geocode(city, "150 Elm St")
    assert place and place.lat is not None and place.lon is not None
    assert place.kind == "address" and place.precision_m == 30
    north = 15 / 111_320
    assert (place.lon, place.lat) == (pytest.approx(STEP * 50 / 98, abs=2e-5), pytest.approx(north, abs=2e-5))
    assert place.areas == ("old",)
    across = geocode(city, "151 Elm St")
    assert across and across.lat == pytest.approx(-north, abs=2e-5)


def test_no_house_stands_in_the_crossing_street(city: Gazetteer) -> None:
    ends = [geocode(city, address) for address in ("200 Elm St", "298 Elm St")]
    assert [place and place.lon for place in ends] == pytest.approx([STEP * 1.15, STEP * 1.85], abs=2e-5)


def test_a_number_that_the_street_does_not_have_is_no_point(city: Gazetteer) -> None:
    place = geocode(city, "950 Elm St")
    assert place and place.kind == "street" and place.confidence < 0.5
    assert place.precision_m == pytest.approx(3 * metres((0, 0), (STEP, 0)), abs=2)


def test_north_or_south_is_not_guessed() -> None:
    far = Gazetteer.compile(
        [
            Segment(d, "MILL", "ST", "", 100, 198, 101, 199, ((0.0, y), (0.0, y * 2)))
            for d, y in (("N", 0.01), ("S", -0.01))
        ]
    )
    place = geocode(far, "150 Mill St")
    assert place and place.confidence <= 0.5
    sure = geocode(far, "150 S Mill St")
    assert sure and sure.confidence >= 0.9 and sure.lat is not None and sure.lat < 0


def test_a_block_and_its_length(city: Gazetteer) -> None:
    place = geocode(city, "200 block of Oak")
    assert place and place.kind == "block" and place.name == "200 block of Oak Ave"
    assert place.lon == pytest.approx(1.5 * STEP, abs=5e-5)


@pytest.mark.parametrize(
    "text", ["2nd & Oak", "Oak and 2nd St", "second and oak ave", "oak/2nd", "corner of 2nd and Oak"]
)
def test_a_corner_from_the_ends_of_segments(city: Gazetteer, text: str) -> None:
    place = geocode(city, text)
    assert place and place.kind == "intersection"
    assert (place.lon, place.lat) == (pytest.approx(STEP), pytest.approx(STEP))


def test_a_corner_from_the_city_list(city: Gazetteer) -> None:
    place = geocode(city, "McKinley Ln & Oak Ave")
    assert place and place.lon == pytest.approx(0.0005)


def test_streets_that_do_not_meet_are_no_corner(city: Gazetteer) -> None:
    assert not [p for p in find_places(city, "Elm & Oak") if p.kind == "intersection"]
    assert not [p for p in find_places(city, "1st & 2nd") if p.kind == "intersection"]


def test_a_stretch_between_two_corners(city: Gazetteer) -> None:
    place = geocode(city, "Elm between 1st and 2nd")
    assert place and place.kind == "block" and place.lon == pytest.approx(STEP / 2, abs=2e-5)


def test_an_alias_means_the_street(city: Gazetteer) -> None:
    place = geocode(city, "150 Grand St")
    assert place and place.name == "150 Elm St"


def test_landmarks_by_name_and_alias(city: Gazetteer) -> None:
    for text in ("at the Tower of Bells", "near the Old Bells", "tower of bells"):
        place = geocode(city, text)
        assert place and place.kind == "landmark" and place.name == "Tower of Bells"


def test_an_area_is_no_point_to_file_on(city: Gazetteer) -> None:
    place = geocode(city, "in Oldtown")
    assert place and place.kind == "area" and place.name == "Oldtown" and place.confidence < 0.75
    assert (place.lon, place.lat) == (pytest.approx(0.0005), pytest.approx(0.0, abs=1e-9))


def test_describe_names_the_nearest_corner_or_block(city: Gazetteer) -> None:
    corner, block = city.describe(0.00005, 0.00205), city.describe(0.0001, 0.001)
    assert corner and "Elm St" in corner.name and "2nd St" in corner.name
    assert block and block.name == "100 block of Elm St" and block.areas == ("old",)
    assert city.describe(1.0, 1.0) is None
    assert city.describe(float("nan"), 0.0) is None


def test_the_border_belongs_to_the_city(city: Gazetteer) -> None:
    assert city.inside(0.0031, 0.001)
    assert not city.inside(0.01, 0.001)


def test_neighbours_are_not_the_city(city: Gazetteer) -> None:
    sure = geocode(city, "2nd & Oak, Smallville")
    elsewhere = geocode(city, "2nd & Oak in Bigville")
    assert sure and elsewhere and elsewhere.confidence < 0.75 <= sure.confidence


def test_packing_keeps_everything(city: Gazetteer) -> None:
    again = Gazetteer.from_bytes(city.to_bytes())
    for text in ("150 Elm St", "2nd & Oak", "tower of bells", "150 Grand St", "Oldtown"):
        assert geocode(again, text) == geocode(Gazetteer.from_bytes(again.to_bytes()), text)
        one, two = geocode(again, text), geocode(city, text)
        assert one and two and one.name == two.name


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04 broken"])
def test_what_is_no_gazetteer_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="Not a gazetteer"):
        Gazetteer.from_bytes(content)


def test_a_file_of_another_version_says_so(city: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    content = city.to_bytes()
    monkeypatch.setattr("openline.geography.archive.FORMAT", 99)
    with pytest.raises(ValueError, match="compile it again"):
        Gazetteer.from_bytes(content)


def test_an_empty_gazetteer_finds_nothing() -> None:
    empty = Gazetteer.from_bytes(Gazetteer.compile([]).to_bytes())
    assert find_places(empty, "13th & Market, 39.95, -75.16, 12 Main St, City Hall") == []
    assert empty.describe(39.95, -75.16) is None
