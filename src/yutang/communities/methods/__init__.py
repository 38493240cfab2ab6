"""How alive groups are: pure maths over arrays, a row a group."""
