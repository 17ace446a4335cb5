"""Somebody's days on the calendar of their phone: an address that the calendar reads by itself, until it is taken back.

Rooms to the right add what they know with ``calendar_source``.
"""
