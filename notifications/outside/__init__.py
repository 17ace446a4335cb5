"""What leaves the portal for somebody: digests and letters, by short message, mail and card, as far as they wish it."""
