"""Query engines: one class, one dialect value each."""
