"""The commands with which a person begins, sees, takes over and ends grants."""
