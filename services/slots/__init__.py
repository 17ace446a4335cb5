"""Slots and their seats: times, the line, minimum attendance, who gives them, and papers about them."""
