"""Topics in public: discussions, ideas and events."""
