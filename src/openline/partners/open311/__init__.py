"""A partner that speaks Open311 GeoReport v2: sending requests there, and asking how they stand."""
