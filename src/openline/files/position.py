"""Where a photo was taken, as its EXIF says (CIPA DC-008, GPS IFD).

Read once, used as the place of the post, then dropped.
"""

from __future__ import annotations

import math
from typing import Any

from PIL import Image
from PIL.ExifTags import GPS, IFD


def position_of(picture: Image.Image) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; None if the picture does not say, or says what cannot be."""
    try:
        found = picture.getexif().get_ifd(IFD.GPSInfo)
        lat = _degrees(found[GPS.GPSLatitude], found[GPS.GPSLatitudeRef], "S")
        lon = _degrees(found[GPS.GPSLongitude], found[GPS.GPSLongitudeRef], "W")
    except Exception:  # a stranger's EXIF can be broken in any way; without a position we ask for the place
        return None
    if not (abs(lat) <= 90 and abs(lon) <= 180) or (lat == 0 and lon == 0):
        return None
    return lat, lon


def _degrees(parts: Any, side: Any, negative: str) -> float:
    """Degrees, minutes and seconds as one number; NaN if they are none."""
    degrees, minutes, seconds = (float(part) for part in parts)
    if not (0 <= minutes <= 60 and 0 <= seconds <= 60):
        return math.nan
    name = side.decode("ascii", "replace") if isinstance(side, bytes) else str(side)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if name.strip("\0 ").upper() == negative else value
