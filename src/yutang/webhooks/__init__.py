"""Other systems are told what happens: receivers, what they are told, and whether they took it."""
