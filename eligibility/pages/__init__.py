"""What anybody sees of what the city offers, and of what they fit."""
