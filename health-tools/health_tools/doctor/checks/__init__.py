"""The checks, each in a module of its own that says what it may find."""
