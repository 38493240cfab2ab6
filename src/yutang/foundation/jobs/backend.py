"""Task back-end over the table of jobs."""
