"""Living groups of customers: who is led into which, how alive each is, what to do about it, and whether that helped."""
