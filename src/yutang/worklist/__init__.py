"""What a human must do today: proposals with reason, owner and deadline."""
