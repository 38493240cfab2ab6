"""The demo shop: a made-up chain for whoever looks around before bringing in the own orders."""
