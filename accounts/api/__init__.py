"""Tokens and own data over the API."""
