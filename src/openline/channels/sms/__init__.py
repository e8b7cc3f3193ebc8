"""SMS: one network, spoken through the gateway or the provider that the city has (Kannel, Twilio)."""
