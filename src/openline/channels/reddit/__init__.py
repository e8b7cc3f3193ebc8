"""The Reddit channel: what its rules allow a city today."""
