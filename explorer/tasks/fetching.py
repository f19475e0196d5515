"""Fetching a file over the network: with progress, a way to stop, and its checksum."""

from __future__ import annotations

import hashlib
import urllib.request
from pathlib import Path

from explorer.tasks.job import Context

CHUNK = 1 << 16
PATIENCE = 20
"""Seconds without an answer after which a server counts as unreachable."""


def stream(url: str, target: Path, context: Context | None, what: str, algorithm: str) -> str:
    """Write what the address sends into the file; its digest in hexadecimal.

    Raises OSError, http.client.HTTPException and Stopped; what was written until then is for the caller to
    remove.
    """
    request = urllib.request.Request(url, headers={"User-Agent": "convnet-explorer"})
    digest, done = hashlib.new(algorithm, usedforsecurity=False), 0
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer, open(target, "wb") as file:
        told = answer.headers.get("Content-Length") or ""
        length = int(told) if told.isdigit() else 0
        while chunk := answer.read(CHUNK):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            if context is not None:
                context.progress(done / length if length else None, f"{what}: {done / 1e6:.1f} MB")
    return digest.hexdigest()
