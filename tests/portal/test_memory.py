"""What a process loads stays, and nothing searches it for garbage."""

from tests.processes import production, run

# What is registered first is called last: after all else that is done at the end.
SHOW_AT_THE_END = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count())); import portal"


def test_a_process_that_ends_does_not_search_what_it_has_loaded(tmp_path):
    done = run(["-c", SHOW_AT_THE_END], production(tmp_path))

    assert (done.returncode, done.stderr, int(done.stdout) > 10_000) == (0, "", True)
