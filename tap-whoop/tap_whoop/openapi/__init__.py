"""The WHOOP API v2 specification, as the vendor publishes it."""
