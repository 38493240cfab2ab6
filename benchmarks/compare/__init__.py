"""One question, several programs, the same files: each answers in a process of its own, in turn."""
