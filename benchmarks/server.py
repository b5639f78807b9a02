"""The app as a child process, and a real Chromium in front of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class RunningServer:
    """A started app and how long it took to answer its health check, in seconds."""

    url: str
    process: psutil.Process
    healthy_s: float
    started_at: float

    def workers(self) -> list[psutil.Process]:
        """The training processes."""
        children = self.process.children(recursive=True)
        return [child for child in children if "playground.worker" in " ".join(child.cmdline())]

    def resident_mb(self) -> tuple[float, float]:
        """Resident memory of the web process and of all its workers, in MB (10^6 bytes)."""
        return self.process.memory_info().rss / 1e6, sum(worker.memory_info().rss for worker in self.workers()) / 1e6

    def processor_seconds(self) -> tuple[float, float]:
        """Processor time used so far by the web process and by its workers, in seconds."""
        own = self.process.cpu_times()
        children = [child.cpu_times() for child in self.process.children(recursive=True)]
        return own.user + own.system, sum(child.user + child.system for child in children)


@contextmanager
def running_server() -> Iterator[RunningServer]:
    """Start the app on a free port with an empty home; stop it at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tempfile.mkdtemp()
    started = time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "streamlit",
            "run",
            "app.py",
            "--server.port",
            str(port),
            "--server.address",
            "127.0.0.1",
        ],
        cwd=ROOT,
        env={**os.environ, "PLAYGROUND_HOME": home},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        while not _healthy(url):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError("the app did not become healthy within 60 s")
            time.sleep(0.01)
        yield RunningServer(url, psutil.Process(process.pid), time.perf_counter() - started, started)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium from the system."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("no Chromium is installed; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
            return True
    except OSError:
        return False
