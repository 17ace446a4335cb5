"""What anybody sees of needs and answers, and of how institutions answer."""
