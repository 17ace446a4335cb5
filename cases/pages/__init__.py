"""What an owner sees of their cases."""
