"""The pictures, by what they are of: each takes a person and gives a figure."""
