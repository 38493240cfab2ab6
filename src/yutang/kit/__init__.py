"""Small parts that every room may use: errors, money, sentences, ids, phone numbers. No I/O, no business word."""
