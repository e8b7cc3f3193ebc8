"""The optional sentence model: what a post means as a whole, beside what its words tell (docs/triage.md)."""
