"""Discussions on the public pages: under requests and topics, with the forms and buttons of members."""
