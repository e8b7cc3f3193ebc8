"""Networks that were tried on no server and have no official contract: held against recordings, or against schemas that
were written by hand from what their pages and others' clients say. They prove our code, not the network."""
