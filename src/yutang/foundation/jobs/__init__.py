"""Jobs in one table of the database, behind the Tasks interface."""
