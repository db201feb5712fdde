"""LibreOffice without a window: files converted with every formula recalculated, and pages as pictures and
text.

A default LibreOffice keeps the values cached in a file that says it comes from Excel, and ignores
``fullCalcOnLoad`` (measured with 7.4: every poisoned value came back unchanged). It recalculates when the
profile sets ``OOXMLRecalcMode`` to 0, "always" (LibreOffice help: Options, LibreOffice Calc, Formula,
"Recalculation on File Load"). Each call has a profile of its own, so that parallel tests do not wait for
each other, and a HOME of its own.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.support.tools import need, require_file, run

PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
XLSX = "xlsx:Calc MS Excel 2007 XML"
PDF = "pdf:calc_pdf_Export"

START_SECONDS = 120.0
SECONDS_PER_FILE = 10.0


class ConversionError(Exception):
    """A program ended without writing what was asked for; the message holds what it printed."""


def convert(files: Sequence[Path], target: str, workdir: Path, *, recalculate: bool = True) -> list[Path]:
    """Convert files in one run of LibreOffice; return the new files in the order of the given ones.

    ``target`` is an extension and a filter (``XLSX``, ``PDF``). ``recalculate=False`` uses the default
    profile, which echoes cached values. Raises ConversionError when an output is missing: soffice ends with
    0 even then.
    """
    return [found[0] for found in convert_all(files, target, workdir, recalculate=recalculate)]


def convert_all(files: Sequence[Path], target: str, workdir: Path, *, recalculate: bool = True) -> list[list[Path]]:
    """The same for a target that writes a file for each sheet: what came of each of the given files."""
    soffice = need("soffice", "libreoffice-calc-nogui")
    room = Path(tempfile.mkdtemp(prefix="office-", dir=workdir)).resolve()
    profile, source, out = room / "profile", room / "in", room / "out"
    for folder in (profile / "user", source, out):
        folder.mkdir(parents=True)
    if recalculate:
        (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
    copies = []
    for index, path in enumerate(files):
        copy = source / f"{index:05d}{path.suffix}"
        shutil.copyfile(require_file(path), copy)
        copies.append(str(copy))
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    done = run(
        [*command, "--convert-to", target, "--outdir", str(out), *copies],
        timeout=START_SECONDS + SECONDS_PER_FILE * len(copies),
        environment={"HOME": str(room), "SAL_USE_VCLPLUGIN": "svp"},
    )
    extension = target.partition(":")[0]
    results = [sorted(out.glob(f"{index:05d}*.{extension}")) for index in range(len(copies))]
    lost = [path.name for path, result in zip(files, results, strict=True) if not result]
    if lost:
        raise ConversionError(f"LibreOffice wrote nothing for {lost}: {done.stdout} {done.stderr}")
    shutil.rmtree(profile, ignore_errors=True)
    return results


def to_pdf(path: Path, workdir: Path) -> Path:
    """Print a workbook, recalculated, to ``<workdir>/<name>.pdf``. Raises ConversionError."""
    target = workdir / f"{path.stem}.pdf"
    shutil.copyfile(convert([path], PDF, workdir)[0], target)
    return target


def render_pages(path: Path, workdir: Path, dpi: int = 70) -> list[Path]:
    """The printed pages of a workbook as PNG files in page order, ``dpi`` dots per inch. Raises
    ConversionError.
    """
    pdftoppm = need("pdftoppm", "poppler-utils")
    pdf = to_pdf(path, workdir)
    pages = Path(tempfile.mkdtemp(prefix="pages-", dir=workdir))
    done = run([pdftoppm, "-r", str(dpi), "-png", str(pdf), str(pages / "page")], timeout=START_SECONDS)
    found = sorted(pages.glob("page-*.png"))  # pdftoppm pads the page number with zeros
    if not found:
        raise ConversionError(f"pdftoppm wrote no page of {pdf.name}: {done.stderr}")
    return found


def pdf_text(path: Path, workdir: Path | None = None) -> str:
    """The text of a PDF, or of a workbook as printed, laid out as on the page; a form feed ends each page.
    A workbook needs ``workdir`` to print in. Raises ConversionError, and ValueError without ``workdir``.
    """
    pdftotext = need("pdftotext", "poppler-utils")
    if path.suffix.lower() != ".pdf":
        if workdir is None:
            raise ValueError(f"{path.name}: printing a workbook needs a workdir")
        path = to_pdf(path, workdir)
    done = run([pdftotext, "-layout", str(require_file(path)), "-"], timeout=START_SECONDS)
    if done.returncode:
        raise ConversionError(f"pdftotext: {done.stderr}")
    return done.stdout
