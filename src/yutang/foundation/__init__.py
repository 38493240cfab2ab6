"""Ground of every domain: staff, stores and regions, settings, audit, events outbox, jobs, sealing of personal data."""
