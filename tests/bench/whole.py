"""What the command `plan` takes from start to end, by the rows of a CSV sheet: time a row, and memory.

    python tests/bench/whole.py                  10,000 and 100,000 rows, each about a record of its own
    python tests/bench/whole.py --rows 1000000   so many rows: a million take six minutes a resource
    python tests/bench/whole.py --only orders    one resource alone

The command runs as a user runs it, in a process of its own, against a server that answers at once and never
holds it back: so the seconds are our own, and pages come faster than a real store would give them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import sheets


class Big(BaseHTTPRequestHandler):
    """A store whose pages are made on the spot."""

    protocol_version = "HTTP/1.1"
    listed: ClassVar[str] = "orders"
    many: ClassVar[int] = 0

    def do_GET(self) -> None:
        """The store's settings, or a page."""
        asked = urlsplit(self.path)
        if asked.path.endswith("/store"):
            told = json.dumps({"id": "1", "name": "Big", "folders": {"21654": "New"}, "settings": {"timezone": "UTC"}})
            self._send(f'"store": {told}')
            return
        query = dict(parse_qsl(asked.query))
        first, limit = int(query.get("offset", 0)), int(query.get("limit", 50))
        page = sheets.as_json(self.listed, first, max(0, min(limit, self.many - first)))
        name = "orders" if self.listed == "orders" else "inventory_items"
        self._send(f'"total_records": {self.many}, "{name}": {page}')

    def _send(self, entries: str) -> None:
        body = f'{{"status": "success", {entries}}}'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Tokens-Remaining", "20")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


def planned(resource: str, rows: int, folder: Path) -> dict[str, Any]:
    """Run `plan` on a sheet of so many rows; its seconds of the processor, and its memory in MB."""
    sheet, run = folder / f"{resource}.csv", folder / "plan.run"
    sheets.make(sheet, resource, rows)
    Big.listed, Big.many = "inventory" if resource == "inventory" else "orders", rows
    server = ThreadingHTTPServer(("127.0.0.1", 0), Big)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = {
        "ORDERDESK_BASE_URL": f"http://127.0.0.1:{server.server_port}", "ORDERDESK_STORE_ID": "1", "ORDERDESK_API_KEY": "not-a-key",
        "ORDERDESK_BATCH_HOME": str(folder / f"home-{resource}-{rows}"),  # nothing is remembered
    }  # fmt: skip
    order = [sys.executable, "-m", "orderdesk_batch", "plan", resource, str(sheet), "-o", str(run), "--limit", "1"]
    try:
        child = subprocess.Popen(order, env={**os.environ, **told}, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
    finally:
        server.shutdown()
        server.server_close()
    if status:
        raise SystemExit(f"plan {resource} with {rows:,} rows ended with {os.waitstatus_to_exitcode(status)}")
    size = run.stat().st_size
    run.unlink()
    return {"seconds": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / sheets.IN_A_MB, "file": size}


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--only", nargs="*", choices=list(sheets.HEADINGS), default=list(sheets.HEADINGS))
    given = parser.parse_args()
    print("| resource | rows of CSV | `plan`, seconds of the processor | µs a row | memory | run file, bytes a row |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for resource in given.only:
            for rows in given.rows:
                found = planned(resource, rows, Path(folder))
                print(f"| {resource} | {rows:,} | {found['seconds']:.1f} | {found['seconds'] / rows * 1e6:.0f} | {found['memory']:,.0f} MB "
                      f"| {found['file'] / rows:,.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
