"""The TikTok channel: what its rules allow a city today."""
