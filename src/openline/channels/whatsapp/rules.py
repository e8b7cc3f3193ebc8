"""Limits and rules of WhatsApp Business (developers.facebook.com/documentation/business-messaging/whatsapp, 2026)."""

from __future__ import annotations

from datetime import timedelta

from openline.channels.base import MediaRule

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TEMPLATE_LIMIT = 1024
WINDOW = timedelta(hours=24)
"""So long after a person's last message anything may be answered; later only templates that WhatsApp has approved."""
FREE_A_MONTH = 1000
"""Since 2026-10-01 so many answers within the window are free for each number and month."""
OBJECT = "whatsapp_business_account"
FIELDS = ("messages",)
MEDIA = (
    MediaRule("image", ("image/jpeg", "image/png"), 10, 5_000_000),
    MediaRule("video", ("video/mp4", "video/3gpp"), 10, 16_000_000),
    MediaRule("audio", ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 10, 16_000_000),
    MediaRule("file", ("application/pdf", "text/plain"), 10, 100_000_000),
)
STATES = ("sent", "delivered", "read", "played", "failed")
"""What becomes of a message of ours, as WhatsApp's calls name it."""
