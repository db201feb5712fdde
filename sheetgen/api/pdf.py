"""``pdf``: a workbook printed by LibreOffice, recalculated first, in a profile of its own.

The file may come from a stranger: it is read within limits, one that points outside of itself is refused, and the
user's own LibreOffice profile is neither read nor changed.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from pathlib import Path

from sheetgen.base.errors import BuildError, NotVerifiable
from sheetgen.base.files import check_target, replace_file
from sheetgen.workbook.package import poisoned, read_package

SECONDS = 180
PROGRAMS = ("soffice", "libreoffice")
HOW_TO_GET_IT = (
    "LibreOffice is not installed, and it renders the pages: apt-get install libreoffice-calc (Debian, Ubuntu), "
    "dnf install libreoffice-calc (Fedora), brew install --cask libreoffice (macOS), or https://www.libreoffice.org"
)
RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
</oor:items>
"""
_EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External[\"']")


def pdf(workbook: str | Path, output: str | Path) -> Path:
    """Render a workbook to a PDF file and return its path.

    Raises NotVerifiable where the workbook cannot be read or points outside of itself, and BuildError where LibreOffice
    is missing or fails; an old file then stays as it was.
    """
    source, target = Path(workbook), Path(output)
    check_target(target, ".pdf")
    data = read_package(source)
    poisoned(data)  # for what it refuses: entities and damage
    _refuse_links(data, source)
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise BuildError(HOW_TO_GET_IT)
    replace_file(target, _render(program, data, source.name))
    return target


def _refuse_links(data: bytes, source: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.infolist():
            if part.filename.endswith(".rels") and _EXTERNAL.search(archive.read(part)):
                raise NotVerifiable(f"{source}: {part.filename} points outside of the file; it is not rendered")


def _render(program: str, data: bytes, name: str) -> bytes:
    with tempfile.TemporaryDirectory(prefix="sheetgen-") as folder:
        directory = Path(folder)
        profile = directory / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
        copy = directory / (Path(name).stem + ".xlsx")
        copy.write_bytes(data)
        command = [
            program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--nolockcheck",
            "--convert-to", "pdf", "--outdir", str(directory / "out"), str(copy),
        ]  # fmt: skip
        said = _run(command, directory)
        rendered = directory / "out" / f"{copy.stem}.pdf"
        if not rendered.is_file():
            raise BuildError(f"LibreOffice wrote no PDF of {name}: {said[:200] or 'it said nothing'}")
        return rendered.read_bytes()


def _run(command: list[str], directory: Path) -> str:
    """Run LibreOffice in a group of its own, which is ended as a whole when it takes too long."""
    process = subprocess.Popen(  # noqa: S603 - a program found on the path, with a list of arguments
        command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True, text=True, errors="replace",
    )  # fmt: skip
    try:
        said, _ = process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        _end(process)
        raise BuildError(f"LibreOffice took more than {SECONDS} seconds and was ended") from error
    except BaseException:
        _end(process)
        raise
    return " ".join(said.split())


def _end(process: subprocess.Popen[str]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (AttributeError, ProcessLookupError):
        process.kill()
    process.communicate()
