"""What an owner sees of applying and of money."""
