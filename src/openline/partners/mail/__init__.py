"""A partner with a mailbox only: a plain mail with a signed link by which they answer."""
