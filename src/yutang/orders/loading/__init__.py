"""How rows of files become orders, lines and refunds: whole batches at a time, nothing twice."""
