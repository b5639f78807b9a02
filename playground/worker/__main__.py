"""The worker process, `python -m playground.worker`: the web process starts it and says on stdin where to listen."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Listener


def main() -> None:
    """Listen first, then import torch: the web process connects meanwhile and waits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches us too, but we end when the web process does
    told = json.loads(sys.stdin.buffer.readline())
    connected = threading.Event()
    threading.Thread(target=_end_with_parent, args=[connected], daemon=True).start()
    with Listener(
        tuple(told["address"]) if told["family"] == "AF_INET" else told["address"],
        told["family"],
        authkey=bytes.fromhex(told["authkey"]),
    ) as listener:
        print(json.dumps(listener.address), flush=True)
        os.dup2(2, 1)  # from here on a print goes to the log

        from playground.worker.loop import Loop, warm_up
        from playground.worker.storage import Storage, home_directory
        from playground.worker.times import Times

        storage = Storage(home_directory())
        warm_up()
        gc.freeze()  # what is imported stays: later collections need not look at it
        with listener.accept() as connection:
            connected.set()
            Loop(connection, storage, Times.from_environment(os.environ)).serve()
    if told["family"] == "AF_UNIX":
        with suppress(OSError):  # the web process does it too, if it still lives
            os.rmdir(os.path.dirname(told["address"]))


def _end_with_parent(connected: threading.Event) -> None:
    """End this process if stdin closes before there is a connection whose end would tell the same."""
    while os.read(0, 1024):
        pass
    if not connected.is_set():
        os._exit(1)


if __name__ == "__main__":
    main()
