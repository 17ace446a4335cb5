"""What somebody was told, as they read it."""
