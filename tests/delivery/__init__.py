"""Delivery: from let out to delivered, against the simulators and a real mail server."""
