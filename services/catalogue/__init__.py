"""Offerings: what is said of them, who publishes them, what they ask, and how much they take on."""
