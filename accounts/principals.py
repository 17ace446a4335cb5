"""What is asked of whoever asks: a User, an ApiClient or nobody. Two answers that every room needs."""

AUDIT = "accounts.audit_accessevent"


def is_program(principal) -> bool:
    """Whether it is a program of a bureau or a bank, an ApiClient."""
    return getattr(principal, "is_program", False)


def sees_all(user) -> bool:
    """The auditor and the administrator: rows of every bureau, not only of their own."""
    return user.has_perm(AUDIT)
