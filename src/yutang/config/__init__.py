"""Wiring only: environment, settings, addresses, the WSGI entry."""
