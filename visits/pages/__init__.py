"""What owners see of visits, and what an officer at the door does."""
