"""The one way into the register. Whatever comes in, one answer of one owner or a chunk of a file, goes through take_in.

For each shop or person: what was said until now, plus what is said today, merged (merge.py), written to the columns,
with a row of history where something changed. A whole chunk is read in five queries and written in as few statements.
"""

from .chunk import lock
from .known import Said, known_of, profile_of, said_about, said_of
from .shapes import Arrival, Before, Taken
from .taking import put_back, take_in

__all__ = [
    "Arrival", "Before", "Said", "Taken", "known_of", "lock", "profile_of", "put_back", "said_about", "said_of",
    "take_in",
]  # fmt: skip
