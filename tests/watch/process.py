"""This file holds Process: the command line in a process of its own, that can be killed at any moment."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

from orderdesk_batch.sandbox import Sandbox


class Process:
    """`orderdesk-batch WORDS` on a sandbox; its lines are read as they come."""

    def __init__(self, box: Sandbox, home: Path, *words: str) -> None:
        environment = {
            **os.environ, "ORDERDESK_BASE_URL": box.url, "ORDERDESK_STORE_ID": box.store_id, "ORDERDESK_API_KEY": box.api_key,
            "ORDERDESK_BATCH_HOME": str(home), "PYTHONUNBUFFERED": "1",
        }  # fmt: skip
        self._process = subprocess.Popen(
            [sys.executable, "-m", "orderdesk_batch", *words], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.out: queue.Queue[str] = queue.Queue()
        self.err: queue.Queue[str] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._read, args=pair, daemon=True)
            for pair in ((self._process.stdout, self.out), (self._process.stderr, self.err))
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: object, lines: queue.Queue[str]) -> None:
        with stream:  # type: ignore[attr-defined]
            for line in stream:  # type: ignore[attr-defined]
                lines.put(line.rstrip("\n"))

    def line(self, lines: queue.Queue[str], word: str = "", seconds: float = 30) -> str:
        """The next line with a word in it."""
        while True:
            found = lines.get(timeout=seconds)
            if word in found:
                return found

    def address(self) -> str:
        """Where a receiver waits for posts."""
        return self.line(self.err, "Waiting for posts at ").split()[4].partition("/hooks/")[0]

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self.wait()

    def stop(self) -> int:
        """As a service manager does; the exit code."""
        self._process.terminate()
        return self.wait()

    def wait(self, seconds: float = 30) -> int:
        code = self._process.wait(seconds)
        for thread in self._threads:
            thread.join(5)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
