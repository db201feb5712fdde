"""LibreOffice under supervision: a program of its own, which outlives whoever started it just long enough to clean up.

``sheetgen pdf`` may be killed at any moment, and LibreOffice would run on, with its files. So ``pdf`` starts this
program, which knows nothing but the standard library, gives it the workbook on standard input and keeps that pipe open.
When the pipe closes, because ``pdf`` is done or dead, LibreOffice's whole group of processes is ended and its folder
removed. The PDF comes back on standard output, what LibreOffice said on standard error.

Run as ``python supervisor.py SECONDS MEGABYTES NAME PROGRAM``; the input is eight bytes of length and the workbook.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOOK_TOO_LONG, WROTE_NOTHING = 4, 5
NOWHERE = "127.0.0.1"
SETTINGS = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>2</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks"
 oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse">
<value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse">
<value>{NOWHERE}</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse">
<value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse">
<value>{NOWHERE}</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse">
<value>9</value></prop></item>
</oor:items>
"""
"""Recalculate always, update no link, run no macro, fetch nothing for an untrusted document, and a proxy that is not
there: a second line, for the file that is handed over holds nothing to fetch."""


def main(seconds: float, megabytes: int, name: str, program: str) -> int:
    """Render what comes on standard input. Returns the exit code: 0, or why there is no PDF."""
    for number in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        signal.signal(number, signal.SIG_IGN)  # the pipe says when it is over
    data = _input()
    if data is None:
        return WROTE_NOTHING
    folder = tempfile.mkdtemp(prefix="sheetgen-")
    try:
        process = _start(Path(folder), data, megabytes, name, program)
        try:
            in_time = _wait(process, time.monotonic() + seconds)
        finally:
            _end(process)
        if in_time is None:
            return WROTE_NOTHING  # nobody waits for it any more
        sys.stderr.write((Path(folder) / "said").read_text(encoding="utf-8", errors="replace")[:2000])
        if not in_time:
            return TOOK_TOO_LONG
        rendered = Path(folder) / "out" / f"{name}.pdf"
        if not rendered.is_file():
            return WROTE_NOTHING
        sys.stdout.buffer.write(rendered.read_bytes())
        sys.stdout.flush()
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _input() -> bytes | None:
    """The workbook; None when the pipe closes before it is whole."""
    source = sys.stdin.buffer.raw if hasattr(sys.stdin.buffer, "raw") else sys.stdin.buffer
    data = bytearray()
    wanted = 8
    while len(data) < wanted:
        piece = source.read(min(1 << 20, wanted - len(data)))
        if not piece:
            return None
        data += piece
        if len(data) == 8:
            wanted = 8 + int.from_bytes(data, "big")
    return bytes(data[8:])


def _start(folder: Path, data: bytes, megabytes: int, name: str, program: str) -> subprocess.Popen[bytes]:
    """LibreOffice with a profile and a temporary directory of its own, in a group of its own."""
    profile, temporary = folder / "profile", folder / "tmp"
    (profile / "user").mkdir(parents=True)
    temporary.mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(SETTINGS, encoding="utf-8")
    copy = folder / f"{name}.xlsx"
    copy.write_bytes(data)
    command = [
        program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
        "--infilter=Calc MS Excel 2007 XML", "--convert-to", "pdf", "--outdir", str(folder / "out"), str(copy),
    ]  # fmt: skip
    proxies = {f"{kind}_proxy": f"http://{NOWHERE}:9" for kind in ("http", "https", "ftp")}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(  # noqa: S603 - a program found on the path, with a list of arguments
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT,
            start_new_session=True, env={**os.environ, **proxies, "TMPDIR": str(temporary)},
            preexec_fn=lambda: _limit(megabytes),
        )  # fmt: skip


def _limit(megabytes: int) -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1_000_000, megabytes * 1_000_000))
    except (ImportError, ValueError, OSError):
        pass  # a system without such limits, or with lower ones


def _wait(process: subprocess.Popen[bytes], deadline: float) -> bool | None:
    """Whether LibreOffice ended before the deadline [monotonic seconds]; None when whoever started us is gone."""
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        if select.select([sys.stdin], [], [], 0.05)[0] and not os.read(sys.stdin.fileno(), 1):
            return None
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the whole group: soffice is a script that starts further programs."""
    for _ in range(2):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (AttributeError, ProcessLookupError, PermissionError):
            process.kill()
    process.wait()


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]))
