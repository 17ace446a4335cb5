"""Servers that can be stopped and started again, or die, without losing what they have promised to keep."""

import shutil
import signal

from tests.servers import ThrowAwayPostgres, ThrowAwayRedis


class Postgres(ThrowAwayPostgres):
    """A server whose commits outlive its death, as in production: only the machine itself must not lose its power."""

    def start(self):
        super().start()
        self.run_sql("postgres", "ALTER ROLE postgres SET synchronous_commit = on")
        return self

    def restart(self):
        """Every connection breaks off in the middle and the server recovers as after a crash."""
        self._run("pg_ctl", "--mode=immediate", "--wait", f"--log={self.directory / 'log'}", "restart")

    def kill(self):
        """Nobody is served until ``start_again``."""
        self._run("pg_ctl", "--mode=immediate", "--wait", "stop")

    def start_again(self):
        self._run("pg_ctl", "--wait", f"--log={self.directory / 'log'}", f"--options={self.options}", "start")


class Redis(ThrowAwayRedis):
    """A Redis that comes back empty, at the same place."""

    def die(self):
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self.socket.unlink(missing_ok=True)

    def flush(self):
        import redis

        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self):
        if self._process.poll() is None:
            super().stop()
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
