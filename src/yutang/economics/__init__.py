"""Economics of growth: what a programme states, what its newcomers cost and are worth, and the pause when they cost more."""
