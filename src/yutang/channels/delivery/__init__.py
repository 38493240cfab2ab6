"""From "may go out" to "was delivered": hand-over, at most once, and what the platforms say of it afterwards."""
