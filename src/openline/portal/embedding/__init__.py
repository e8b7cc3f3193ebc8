"""The form on other sites: as a frame, by a line of script, and by oEmbed."""
