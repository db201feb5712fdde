"""A page in a real browser: Chromium without a window, which may reach nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.support.office import ConversionError, pdf_text
from tests.support.tools import need, require_file, run

PROGRAM = "chromium-headless-shell"
SECONDS = 60.0


class Seen(NamedTuple):
    """What a browser makes of a page: its text as printed on A4, and how often it asked for anything outside."""

    text: str
    requests: int


def printed(page: Path, workdir: Path) -> Seen:
    """Print a page of HTML as a browser does. Everything that it asks for outside would go through a proxy of ours,
    which counts and hangs up.

    Raises ConversionError when the browser writes nothing. Without it the test is skipped, in CI failed.
    """
    browser, out = need(PROGRAM, PROGRAM), workdir / f"{page.stem}.pdf"
    with _proxy() as (port, asked):
        done = run(
            [browser, "--no-sandbox", "--disable-gpu", f"--user-data-dir={workdir / 'profile'}",
             "--disable-background-networking", f"--proxy-server=127.0.0.1:{port}", "--no-pdf-header-footer",
             f"--print-to-pdf={out}", require_file(page).resolve().as_uri()],
            timeout=SECONDS, environment={"HOME": str(workdir)},
        )  # fmt: skip
        if not out.is_file():
            raise ConversionError(f"{PROGRAM} wrote nothing: {done.stderr}")
        return Seen(pdf_text(out), asked())


@contextmanager
def _proxy() -> Iterator[tuple[int, Callable[[], int]]]:
    """A port that takes connections and hangs up, and how many it took."""
    taken: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with suppress(OSError):  # the end of it
                while True:
                    connection, caller = server.accept()
                    connection.close()
                    taken.append(caller)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield server.getsockname()[1], lambda: len(taken)
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
