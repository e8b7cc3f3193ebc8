"""How well Openline understands: all labelled sets at hand, measured into one report (`openline evaluate`)."""
