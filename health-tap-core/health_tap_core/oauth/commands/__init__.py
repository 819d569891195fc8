"""The commands with which a person begins, sees, moves and ends grants."""
