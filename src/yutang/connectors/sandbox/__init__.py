"""What the sandboxes of this machine share: small pieces of markup, and what stands around their pages."""
