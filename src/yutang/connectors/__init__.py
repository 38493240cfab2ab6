"""Clients of the outside world. They know no Django: what they must remember is plugged in from above."""
