"""YouTube: films with captions and thumbnails out, comments in and out, within a day's units."""
