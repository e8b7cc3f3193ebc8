"""The Nextdoor channel: what its rules allow a city today."""
