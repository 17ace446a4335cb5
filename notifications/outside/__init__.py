"""What leaves the portal for somebody: digests and letters, by short message and mail, as far as they wish it."""
