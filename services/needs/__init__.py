"""Needs in somebody's own words: whom they go to, what is like them, and answers for everybody."""
