"""Who is left out of what on purpose, and what a measure brought compared with them."""
