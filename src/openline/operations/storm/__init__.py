"""A storm of faults: many messages both ways, over a network that breaks, with workers that are killed."""
