"""What scores, values and refunds propose: to whom a touch is worth most, and what touches brought so far."""
