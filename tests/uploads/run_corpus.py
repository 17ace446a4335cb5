"""Takes the corpus in, or one case of so many, and prints what that cost: growth of this process in MB, and the largest
child's MB."""

import io
import resource
import sys
from contextlib import suppress

import psutil

from core.errors import Invalid
from core.uploads import take
from tests.uploads.corpus import cases


def main(one_in):
    made = [(case.content, case.name) for case in cases()[::one_in]]
    me = psutil.Process()
    take(io.BytesIO(made[-1][0]), name=made[-1][1])  # what is imported once is no growth
    before = me.memory_info().rss
    highest = before
    for content, name in made:
        with suppress(Invalid):
            take(io.BytesIO(content), name=name)
        highest = max(highest, me.memory_info().rss)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print((highest - before) >> 20, child)


if __name__ == "__main__":
    main(int(sys.argv[1]))
