"""The commands of a person's grants."""
