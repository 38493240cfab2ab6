"""The door for programs: REST under ``/api/v1``, with bearer tokens, OpenAPI and problem+json errors."""
