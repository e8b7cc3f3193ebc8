"""Alerts: issued at once on all accounts and pages, updated by one edit, ended in time; read by machines as CAP."""
