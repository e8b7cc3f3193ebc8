"""Open311 GeoReport v2: how other systems join in."""
