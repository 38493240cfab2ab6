"""The door for customers: short links, leaving a list, pages that open on a phone without logging in."""
