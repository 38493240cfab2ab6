"""What people ask about their own data: to see it, to have it corrected or erased, to object; and what was answered."""
