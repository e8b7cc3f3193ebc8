"""Alerts in public: the banner on every page, the list with its history, feeds, and CAP for programs."""
