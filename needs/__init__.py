"""Needs in somebody's own words: who answers them, what is like them, answers for everybody, and how bureaus answer."""
