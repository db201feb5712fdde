"""Edits made by LibreOffice itself, as a user makes them: cells typed, rows inserted, with every formula that it moves.

A macro in LibreOffice Basic opens the file, lifts the sheets' protection (they have no password), inserts the rows and
saves. LibreOffice writes a library of its own over one that stands in a new profile, so the profile is made first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

from tests.support.office import PROFILE, SECONDS_PER_FILE, START_SECONDS, ConversionError
from tests.support.tools import need, require_file, run

LIBRARY = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false"
 library:passwordprotected="false"><library:element library:name="Edit"/></library:library>
"""
MODULE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Edit" script:language="StarBasic">{code}
</script:module>
"""
EDIT = """document = StarDesktop.loadComponentFromURL("{source}", "_blank", 0, hidden())
document.enableAutomaticCalculation(False)
document.addActionLock()
{steps}document.removeActionLock()
document.enableAutomaticCalculation(True)
document.calculateAll()
document.storeToURL("{target}", filter())
document.close(True)
"""
MACRO = """Dim hidden(0) As New com.sun.star.beans.PropertyValue
Dim filter(0) As New com.sun.star.beans.PropertyValue
Sub Main
hidden(0).Name = "Hidden"
hidden(0).Value = True
filter(0).Name = "FilterName"
filter(0).Value = "Calc MS Excel 2007 XML"
{edits}StarDesktop.terminate()
End Sub
"""


class Insertion(NamedTuple):
    """``rows`` empty rows put above ``row`` (1-based) of a sheet; ``typed`` are texts and numbers for the first of
    them, by column (0-based)."""

    sheet: str
    row: int
    rows: int = 1
    typed: tuple[tuple[int, str | float], ...] = ()

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        lines = [
            f'sheet = document.Sheets.getByName("{self.sheet}")', 'sheet.unprotect("")',
            f"sheet.Rows.insertByIndex({self.row - 1}, {self.rows})",
        ]  # fmt: skip
        for column, value in self.typed:
            cell = f"sheet.getCellByPosition({column}, {self.row - 1})"
            lines.append(f'{cell}.String = "{value}"' if isinstance(value, str) else f"{cell}.Value = {value}")
        return "".join(f"{line}\n" for line in lines)


class EveryRow(NamedTuple):
    """An empty row put above every ``step``-th row of a sheet, from its last used row but ``first`` upwards."""

    sheet: str
    first: int
    step: int

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        end = "cursor = sheet.createCursor()\ncursor.gotoEndOfUsedArea(False)"
        head = f"For index = cursor.RangeAddress.EndRow - {self.first} To 0 Step -{self.step}"
        return _of_sheet(self.sheet, f"{end}\n{head}\nsheet.Rows.insertByIndex(index, 1)\nNext index")


class NewColumn(NamedTuple):
    """An empty column put before ``column`` (1-based) of a sheet."""

    sheet: str
    column: int

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        return _of_sheet(self.sheet, f"sheet.Columns.insertByIndex({self.column - 1}, 1)")


class NewName(NamedTuple):
    """Another name for a sheet."""

    sheet: str
    name: str

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        return _of_sheet(self.sheet, f'sheet.Name = "{self.name}"')


class NewPlace(NamedTuple):
    """A sheet moved before the one at ``index`` (from 0)."""

    sheet: str
    index: int

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        return f'document.Sheets.moveByName("{self.sheet}", {self.index})\n'


class Typed(NamedTuple):
    """A number or a text typed into a cell, as far as the sheet's protection lets one."""

    sheet: str
    cell: str
    value: str | float

    @property
    def steps(self) -> str:
        """The lines of the macro."""
        cell = f'document.Sheets.getByName("{self.sheet}").getCellRangeByName("{self.cell}")'
        what = f'.String = "{self.value}"' if isinstance(self.value, str) else f".Value = {self.value}"
        return f"{cell}{what}\n"


Step = Insertion | EveryRow | NewColumn | NewName | NewPlace | Typed


def _of_sheet(sheet: str, line: str) -> str:
    return f'sheet = document.Sheets.getByName("{sheet}")\nsheet.unprotect("")\n{line}\n'


def insert_rows(path: Path, edits: Sequence[Sequence[Step]], workdir: Path) -> list[Path]:
    """Copies of a workbook, one for each list of insertions, in one run of LibreOffice; it recalculates and saves them.

    Raises ConversionError when a copy is missing, and subprocess.TimeoutExpired.
    """
    soffice = need("soffice", "libreoffice-calc-nogui")
    room = Path(tempfile.mkdtemp(prefix="macro-", dir=workdir)).resolve()
    profile = room / "profile"
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    environment = {"HOME": str(room), "SAL_USE_VCLPLUGIN": "svp"}
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    run([*command, "--terminate_after_init"], timeout=START_SECONDS, environment=environment)
    targets = [room / f"{index:05d}.xlsx" for index in range(len(edits))]
    texts = []
    for insertions, target in zip(edits, targets, strict=True):
        steps = "".join(edit.steps for edit in insertions)
        texts.append(EDIT.format(source=require_file(path).as_uri(), target=target.as_uri(), steps=steps))
    library = profile / "user" / "basic" / "Standard"
    library.mkdir(parents=True, exist_ok=True)
    (library / "script.xlb").write_text(LIBRARY, encoding="utf-8")
    code = escape(MACRO.format(edits="".join(texts)))
    (library / "Edit.xba").write_text(MODULE.format(code=code), encoding="utf-8")
    timeout = START_SECONDS + SECONDS_PER_FILE * len(edits)
    done = run([*command, "macro:///Standard.Edit.Main"], timeout=timeout, environment=environment)
    if lost := [target.name for target in targets if not target.is_file()]:
        raise ConversionError(f"LibreOffice wrote nothing for {lost}: {done.stdout} {done.stderr}")
    return targets
