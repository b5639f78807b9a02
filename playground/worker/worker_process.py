"""The web process's end of one worker process: starts it, talks to it, notices its death. Knows nothing of runs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import ProcessError
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

import playground
from playground.worker.messages import END

LONGEST_SOCKET_PATH = 100  # the systems' limit is 104 to 108 bytes
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
"""Many runs share the cores: one thread each is the fastest for all of them together."""


class WorkerProcess:
    """A process that is starting, answering or dead.

    on_message is called with each message, on_death once when there will be no more; both in this worker's thread.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        on_message: Callable[[Any], None],
        on_death: Callable[[], None],
    ) -> None:
        self._on_message, self._on_death = on_message, on_death
        self._connection: Connection[Any, Any] | None = None
        self._waiting: list[Any] = []  # messages for a worker that is not connected yet
        self._sending = threading.Lock()
        self._directory = tempfile.mkdtemp(prefix="playground-")  # private: mode 0o700
        self._authkey = secrets.token_bytes(32)
        paths = [str(Path(playground.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "playground.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **environment},
        )
        self._thread = threading.Thread(target=self._talk, name="worker-reader", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def send(self, message: Any) -> None:
        """Send now, or as soon as the worker is ready. What a dead worker does not get is lost."""
        with self._sending:
            if self._connection is None:
                self._waiting.append(message)
            else:
                with suppress(OSError):
                    self._connection.send(message)

    def end(self, patience: float) -> None:
        """Let the worker save its runs and end; kill it when that takes too long."""
        self.send(END)
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join(patience)

    def _talk(self) -> None:
        """Connect, then hand on messages until the worker dies, which ends every read."""
        try:
            connection = self._connect()
            threading.Thread(target=self._send_waiting, args=[connection], daemon=True).start()
            with connection:
                while True:
                    self._on_message(connection.recv())
        except (EOFError, OSError, ValueError, ProcessError):
            pass
        finally:
            self._clean_up()
            self._on_death()

    def _connect(self) -> Connection[Any, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        told = {**self._where(), "authkey": self._authkey.hex()}  # on stdin: others can read arguments and environments
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        self._process.stdin.flush()
        address = json.loads(self._process.stdout.readline())
        return Client(tuple(address) if isinstance(address, list) else address, authkey=self._authkey)

    def _where(self) -> dict[str, Any]:
        if sys.platform == "win32":
            return {"family": "AF_PIPE", "address": None}
        path = os.path.join(self._directory, "worker")
        if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
            return {"family": "AF_UNIX", "address": path}
        return {"family": "AF_INET", "address": ["127.0.0.1", 0]}

    def _send_waiting(self, connection: Connection[Any, Any]) -> None:
        """In a thread of its own, so that answers are read while the questions are still being sent."""
        with self._sending, suppress(OSError):
            for message in self._waiting:
                connection.send(message)
            self._waiting.clear()
            self._connection = connection

    def _clean_up(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        if self._process.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(10.0)
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)
