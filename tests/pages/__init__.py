"""The door for customers' phones and for platforms that push."""
