"""A made-up chain of stores: people, orders, export files and the truth behind them. No Django here."""
