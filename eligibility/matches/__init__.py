"""Stored decisions: who fits what, found in SQL and kept up to date."""
