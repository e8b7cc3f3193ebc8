"""WhatsApp, by the Cloud API of WhatsApp Business (Graph API v23.0 to v26.0, 2026)."""
