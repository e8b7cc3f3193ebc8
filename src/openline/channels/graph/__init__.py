"""What the channels of Meta share: the Graph API client, its errors, webhook signatures, signed requests."""
