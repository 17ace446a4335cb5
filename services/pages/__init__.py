"""What owners see of services."""
