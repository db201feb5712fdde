"""``pdf``: a workbook printed by LibreOffice, recalculated first, in a profile of its own.

The file may come from a stranger. It is read within limits and written anew without whatever leads outside
(:mod:`sheetgen.workbook.file.printable`); LibreOffice sees that copy alone, with settings that fetch and run nothing,
and is ended with all that it started when the time is over or the caller gone. The user's own LibreOffice
profile is neither read nor changed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import NamedTuple

from sheetgen.api import supervisor
from sheetgen.base.child import Limits, in_child
from sheetgen.base.errors import BuildError, NotVerifiable, one_line
from sheetgen.base.files import check_target, replace_file

SECONDS = 120
MOST_WORDS = 120
MEGABYTES = 3_000
"""LibreOffice's own; an honest budget takes a tenth."""
READING = Limits(seconds=10, megabytes=500)
PAGE = re.compile(rb"/Type\s*/Page\b")
PROGRAMS = ("soffice", "libreoffice")
HOW_TO_GET_IT = (
    "LibreOffice is not installed, and it renders the pages: apt-get install libreoffice-calc (Debian, Ubuntu), "
    "dnf install libreoffice-calc (Fedora), brew install --cask libreoffice (macOS), or https://www.libreoffice.org"
)


class Printed(NamedTuple):
    """Where the PDF is, how many pages it has, what of the workbook it does not show, in words, and the line below each
    page: what ``verify`` says of the file, whether that is that it agrees, and the file's SHA-256."""

    path: Path
    pages: int
    left_out: tuple[str, ...]
    stamp: str
    agrees: bool


def pdf(workbook: str | Path, output: str | Path, sheets: Collection[str] = (), *, everything: bool = False) -> Printed:
    """Render a workbook to a PDF file: the sheets in front, or those named, or everything; verified first, with the
    verdict on every page.

    Raises NotVerifiable where the workbook cannot be read or has no sheet named, and BuildError where LibreOffice is
    missing or fails; an old file then stays as it was.
    """
    source, target = Path(workbook), Path(output)
    check_target(target, ".pdf", inputs=[source])
    from sheetgen.workbook.file.package import open_package
    from sheetgen.workbook.file.printable import printable

    prints = _wanted(sheets, everything=everything)
    stamp, agrees = _verdict(source)
    copy = in_child(lambda: printable(open_package(source), prints, stamp), READING, one_line(str(source)))
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise BuildError(HOW_TO_GET_IT)
    rendered = _render(program, copy.data, source.name)
    replace_file(target, rendered)
    return Printed(target, len(PAGE.findall(rendered)), copy.left_out, stamp, agrees)


def _verdict(source: Path) -> tuple[str, bool]:
    """One line of what is known of a file, and whether it is that it agrees."""
    from sheetgen import __version__
    from sheetgen.verification.workbook import verify

    try:
        verdict = verify(source)
    except NotVerifiable as error:
        words = one_line(str(error)).removeprefix(f"{one_line(str(source))}: ")
        return f"Not verified: {words[:MOST_WORDS]}", False
    word = "agrees" if verdict.agrees else "DOES NOT AGREE"
    word = "intact, but its own checks fail" if verdict.intact and not verdict.agrees else word
    return f"Verified by sheetgen {__version__}: {word}. SHA-256 {verdict.origin.sha256}", verdict.agrees


def _wanted(sheets: Collection[str], *, everything: bool) -> Callable[[str], bool]:
    """Which sheets are printed, by name; of a sheet that no template knows nobody says that it stands behind."""
    from sheetgen.workbook.definitions import packaged_definitions
    from sheetgen.workbook.sheet import GROUPS

    if everything:
        return lambda _name: True
    if sheets:
        names = {name.lower() for name in sheets}
        return lambda name: name.lower() in names
    behind = {sheet.name for sheet in packaged_definitions().sheets if sheet.group != GROUPS[0]}
    return lambda name: name not in behind


def _render(program: str, data: bytes, name: str) -> bytes:
    """The PDF of a harmless workbook, which pages may name in head and foot."""
    stem = "".join(sign for sign in Path(name).stem if sign.isprintable() and sign not in '/\\%"')[:80] or "workbook"
    command = [sys.executable, "-I", "-S", str(Path(supervisor.__file__)), str(SECONDS), str(MEGABYTES), stem, program]
    with subprocess.Popen(  # noqa: S603 - our own program, with a list of arguments
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            process.stdin.write(len(data).to_bytes(8, "big") + data)
            process.stdin.flush()
            rendered, said = process.stdout.read(), process.stderr.read()
        finally:
            process.stdin.close()  # which ends LibreOffice, if it still runs
        code = process.wait()
    if code == supervisor.TOOK_TOO_LONG:
        raise BuildError(f"LibreOffice took more than {SECONDS} seconds and was ended")
    if code or not rendered.startswith(b"%PDF-"):
        words = one_line(" ".join(said.decode(errors="replace").split())[:200]) or "it said nothing"
        raise BuildError(f"LibreOffice wrote no PDF of {one_line(name)}: {words}")
    return rendered
