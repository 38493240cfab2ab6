"""Clients of the outside world, each with a local stand-in. No Django here."""
