"""The WhatsApp channel (WhatsApp Business Cloud API)."""
