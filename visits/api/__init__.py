"""Visits over the API."""
