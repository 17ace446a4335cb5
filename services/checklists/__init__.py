"""Steps one after the other, across departments, and what they bring about."""
