"""Mentions of the city's public pages on other sites: the receiving side of W3C Webmention (2017)."""
