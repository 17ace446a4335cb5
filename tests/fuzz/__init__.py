"""Requests by the thousand: every page, form and operation of the API, signed in as everybody, with values that fit and
values that should not be there. Whatever comes in, no answer is a fault of the server.

``python -m tests.fuzz --n 20000 --engine postgresql`` runs it at length; ``test_no_faults.py`` keeps a sample in the
suite.
"""
