"""One push in a world: begun, hit by faults in the middle, finished, and counted by statements of the tests' own."""

import itertools
import time
from dataclasses import dataclass

from .world import NOBODY_WRITES, until

# Who is to be told what, by the size of the shop alone: (the largest that fitted before, the largest that fits now).
_EXPECTED = """SELECT DISTINCT operator_id, CASE
    WHEN employees <= %(now)s AND employees <= %(before)s THEN 3
    WHEN employees <= %(now)s THEN 1 ELSE 4 END
FROM businesses_business
WHERE operator_id IS NOT NULL AND (employees <= %(now)s OR employees <= %(before)s)"""
_CHUNKS = """FROM notifications_pushchunk c JOIN notifications_pushrun r ON r.id = c.run_id
WHERE r.version_id = %s"""
# Workers pass over chunks that somebody holds: with these held a push cannot be over before its middle is looked for.
# Waited for rather than passed over, because the sweep holds all of them for a moment when it looks who is at one.
_LAST_CHUNKS = f"""SELECT c.id {_CHUNKS} AND c.done_at IS NULL ORDER BY c.lo DESC
LIMIT 40 FOR UPDATE OF c"""
_TOLD = "SELECT operator_id, kind FROM notifications_notification WHERE version_id = %s"
_codes = (
    f"T01{first}{second}" for first, second in itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=2)
)


@dataclass(frozen=True)
class Counted:
    """``lost``: operators without the message they should have. ``doubled``: messages more than that."""

    rows: int
    lost: int
    doubled: int
    strangers: int


class Push:
    """Of a new benefit for shops of up to ``most`` people, or of the next version of that of the push ``after``."""

    def __init__(self, world, most, *, after=None):
        self.world, self.most, self.before = world, most, after.most if after else -1
        self.last_fault, self.code = time.monotonic(), after.code if after else next(_codes)
        self.version = world.portal().publish(
            most=most, amount=6000 if after else 5000, like=after.version if after else None, code=self.code
        )

    def chunks_done(self):
        self.world.supervise()
        return self.world.value(f"SELECT COUNT(c.done_at) {_CHUNKS}", self.version)

    def is_cut(self):
        """Whether a worker has begun it: until then it is one chunk."""
        return self.world.value(f"SELECT COUNT(*) {_CHUNKS}", self.version) > 1

    def is_finished(self):
        self.world.supervise()
        return not self.world.value(
            "SELECT COUNT(*) FROM notifications_pushrun WHERE version_id = %s AND finished_at IS NULL",
            self.version,
        )

    def is_hit(self, fault, *, at_chunk=15):
        """``fault`` happens when so many chunks are done, and while others are half written."""
        with self.world.holding(NOBODY_WRITES) as write_on:
            until(self.is_cut, "The push does not begin.")
            assert not self.is_finished(), "The push was over before anybody could hold it."
            with self.world.holding(_LAST_CHUNKS, self.version) as let_go:
                write_on()
                until(lambda: self.chunks_done() >= at_chunk, "The push does not go on.")
                with self.world.in_the_middle(let_go):
                    assert not self.is_finished(), "The push was over before the fault."
                    fault(self.world)
        self.last_fault = time.monotonic()

    def finishes(self):
        """Seconds after the last fault. Raises TimeoutError after five minutes."""
        try:
            until(self.is_finished, "The push was not finished in time.")
        except TimeoutError as problem:
            raise TimeoutError(f"{problem}\n{self.world.what_is_going_on()}") from None
        return time.monotonic() - self.last_fault

    def counted(self):
        told = self.world.rows(_TOLD, self.version)
        expected = set(self.world.rows(_EXPECTED % {"now": self.most, "before": self.before}))
        found = set(told)
        return Counted(len(told), len(expected - found), len(told) - len(found), len(found - expected))

    def counters(self):
        """(what the runs say they have written, rows that are there)."""
        said = self.world.value(
            "SELECT SUM(told) FROM notifications_pushrun WHERE version_id = %s", self.version
        )
        return int(said), self.counted().rows
