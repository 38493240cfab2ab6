"""E-mail: sending over SMTP, with a way out of every promotion, and reading what comes back: bounces, complaints, replies."""
