"""One file a room: what it asks the domains for and what it shows."""
