"""The vendors of wearables, simulated on loopback: see the README of this package."""
