"""Outside geocoders: Nominatim, ArcGIS, the US Census, asked for what the gazetteer does not know. Off unless set."""
