"""Export files as each platform writes them, quirks included."""
