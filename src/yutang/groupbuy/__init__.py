"""Group-buying: campaigns, groups that fill or expire, seats that are paid for once, and honest odds."""
