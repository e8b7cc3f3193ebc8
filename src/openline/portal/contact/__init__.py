"""The form, and the private page on which its conversation goes on."""
