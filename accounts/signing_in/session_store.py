"""Sessions in the database under a digest of their key. Whoever reads the table, or a stolen copy of it, cannot sign in
with what stands there: the key itself is in the person's cookie alone."""

from hashlib import sha256

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

LENGTH = 40  # of the column


def digest(session_key: str) -> str:
    """What is kept of a key. Keys are drawn at random, so that a plain digest cannot be undone."""
    return sha256(session_key.encode()).hexdigest()[:LENGTH]


class SessionStore(DatabaseStore):
    """``session_key`` is what the cookie holds; every row is found by its digest."""

    def _get_session_from_db(self):
        row = self.model.objects.filter(
            session_key=digest(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key) -> bool:
        return super().exists(digest(session_key))

    def create_model_instance(self, data):
        row = super().create_model_instance(data)
        row.session_key = digest(row.session_key)
        return row

    def delete(self, session_key=None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(digest(key))
