"""The verbs of the room; pages, API, admin, tasks and commands call these and nothing else.

Every verb takes ``by=``, and ``expected_version=`` where the row can change underneath, and raises PermissionDenied
(not you), Refused (not now, with what to do) or Invalid (the input is wrong). Locks are taken in this order:
application, envelopes by id, payments, the end of the audit chain.
"""
