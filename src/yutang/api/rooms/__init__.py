"""The operations, one file for what belongs together."""
