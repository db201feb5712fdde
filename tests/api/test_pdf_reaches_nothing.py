"""``pdf`` reaches no server and no file of the machine, whatever the workbook says, and leaves nothing behind.

Each spelling of :mod:`tests.support.reaching` is looked for in the file that LibreOffice is given; the spellings that
LibreOffice follows when it is given the file as it is are rendered while a server listens.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from defusedxml import ElementTree

from sheetgen.api.pdf import pdf
from sheetgen.base.errors import NotVerifiable
from sheetgen.workbook.file.harmless import PURE_FUNCTIONS, is_harmless
from sheetgen.workbook.file.package import open_package
from sheetgen.workbook.file.printable import MOST_ROWS, printable
from tests.support.command import START
from tests.support.office import convert
from tests.support.reaching import OFFICE, PIXEL, REACHES, REFUSED, Reach, replaced, write_reaching
from tests.support.sample_book import write_sample
from tests.support.tools import need

ADDRESS = "http://127.0.0.1:9/beacon"
FOLLOWED = ("picture, only linked", "picture, entity in External", "picture, UTF-16", "picture, file")
KINDS = frozenset({
    "officeDocument", "worksheet", "styles", "sharedStrings", "theme", "drawing", "chart", "image", "core-properties",
    "extended-properties",
})  # fmt: skip


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workbook with a chart, hyperlinks and names."""
    return write_sample(tmp_path_factory.mktemp("reach") / "sample.xlsx")


class Server:
    """Counts connections to a port of this machine until it is closed."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(2)
                try:
                    self.requests.append(connection.recv(200))
                    connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                except OSError:
                    self.requests.append(b"")

    def close(self) -> None:
        """Stop listening."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server on this machine."""
    running = Server()
    yield running
    running.close()


@pytest.mark.parametrize("name", REACHES)
def test_what_libreoffice_is_given_leads_nowhere(sample: Path, tmp_path: Path, name: str) -> None:
    """No address, no file, no link to the outside and no function that reaches out is in the copy."""
    file = write_reaching(sample, tmp_path / "a.xlsx", REACHES[name], ADDRESS, "file:///tmp/beacon.png")
    with zipfile.ZipFile(io.BytesIO(printable(open_package(file)).data)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}

    for part, data in parts.items():
        assert b"beacon" not in data, part
        assert b"127.0.0.1" not in data, part
        assert b"TargetMode" not in data, part
        if part.endswith(".rels"):
            for link in ElementTree.fromstring(data):
                assert link.get("Type", "").rpartition("/")[2] in KINDS, part
                folder = Path(part).parent.parent
                assert os.path.normpath(folder / link.get("Target", "")) in parts
    assert {part.rpartition(".")[2] for part in parts} <= {"xml", "rels", "png"}
    assert b"Model" in parts["xl/workbook.xml"]  # the control: it is still the book


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(sample: Path, tmp_path: Path, name: str) -> None:
    """Entities, instructions and sheets that are none end with 3 and one line."""
    file = write_reaching(sample, tmp_path / "a.xlsx", REFUSED[name], ADDRESS)
    with pytest.raises(NotVerifiable) as refusal:
        pdf(file, tmp_path / "a.pdf")
    assert len(str(refusal.value).splitlines()) == 1
    assert list(tmp_path.iterdir()) == [file]


def reaching_files(sample: Path, folder: Path, server: Server) -> list[Path]:
    """Files whose pictures LibreOffice would fetch, the last from this machine."""
    pixel = folder / "beacon.png"
    pixel.write_bytes(PIXEL)
    return [
        write_reaching(sample, folder / f"{number}.xlsx", REACHES[name], f"{server.url}/{number}", pixel.as_uri())
        for number, name in enumerate(FOLLOWED)
    ]


def test_no_request_arrives(sample: Path, tmp_path: Path, server: Server) -> None:
    """What LibreOffice would follow is rendered while a server listens: nothing arrives, and no picture is shown."""
    need("soffice", "libreoffice-calc")
    for file in reaching_files(sample, tmp_path, server):
        shown = pdf(file, file.with_suffix(".pdf")).path.read_bytes()
        assert shown.startswith(b"%PDF-")
        assert b"/Image" not in shown
    assert server.requests == []


def test_given_as_it_is_libreoffice_asks(sample: Path, tmp_path: Path, server: Server) -> None:
    """The control: the same files converted as they are reach the server and the picture of this machine."""
    shown = convert(reaching_files(sample, tmp_path, server), "pdf", tmp_path)
    asked = {request.split()[1] for request in server.requests if request.startswith(b"GET")}
    assert asked == {b"/0/a.png", b"/1/a.png", b"/2/a.png"}
    assert b"/Image" in shown[-1].read_bytes()


def test_settings_alone_fetch_nothing(
    sample: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second line: handed over as it is, a picture's link is still not followed."""
    need("soffice", "libreoffice-calc")
    from sheetgen.workbook.file import printable as module

    file = write_reaching(sample, tmp_path / "a.xlsx", REACHES["picture, only linked"], server.url)
    raw = module.Printable(file.read_bytes(), ())
    monkeypatch.setattr(module, "printable", lambda _package, _prints, _stamp: raw)
    pdf(file, tmp_path / "a.pdf")
    assert server.requests == []


FORMULAS = {
    "SUM(Inputs!$B$2:$B$3) * in_price": True,
    'IF(B1 > 5, "=[1]x!WEBSERVICE(1)|", "low")': True,
    "'Two words'!A1 + 'it''s'!B2": True,
    "#REF! + 1.5E+3%": True,
    "_xlfn.XLOOKUP(A1,B:B,C:C)": True,
    "sum (1)": True,
    "Other!A1": False,
    "'Other'!A1": False,
    "[1]Inputs!A1": False,
    "Table1[Price]": False,
    "WEBSERVICE(1)": False,
    "1+ _xlfn.webservice (1)": False,
    "A1:INDIRECT(A2)": False,
    "cmd|'/C calc'!A0": False,
    "'file:///a.ods'#$Inputs.A1": False,
    "com.sun.star.X(1)": False,
    '"open': False,
    "1" * 9000: False,
}


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda text: text[:40])
def test_formulas_that_stay_inside_are_told(formula: str) -> None:
    """Functions by name, sheets by name, nothing within quotation marks; what is not known is not harmless."""
    assert is_harmless(formula, {"inputs", "two words", "it's"}) is FORMULAS[formula]


def test_no_listed_function_reaches_outside() -> None:
    """The functions that fetch, run, look around or make references from texts are not among the harmless ones."""
    reaching = {
        "WEBSERVICE", "FILTERXML", "IMAGE", "HYPERLINK", "INDIRECT", "DDE", "RTD", "CALL", "REGISTER", "REGISTER.ID",
        "EXEC", "SQL.REQUEST", "CELL", "INFO", "CUBEVALUE", "CUBEMEMBER", "STOCKHISTORY", "GETPIVOTDATA", "EVALUATE",
        "CURRENT", "MULTIPLE.OPERATIONS", "EUROCONVERT", "PY", "LAMBDA", "IMPORTDATA", "IMPORTXML", "GOOGLEFINANCE",
    }  # fmt: skip
    assert not PURE_FUNCTIONS & reaching


def test_a_cell_far_away_is_refused(sample: Path, tmp_path: Path) -> None:
    """A cell in the last corner would print for minutes; a name and a drawing there are left out."""
    far = f'<row r="{MOST_ROWS + 1}"><c r="A{MOST_ROWS + 1}"><v>1</v></c></row></sheetData>'
    file = write_reaching(
        sample, tmp_path / "a.xlsx", Reach({"xl/worksheets/sheet2.xml": replaced("</sheetData>", far)}), ""
    )
    with pytest.raises(NotVerifiable, match="'Model' goes as far as A20001"):
        pdf(file, tmp_path / "a.pdf")
    empty = far.replace("<v>1</v>", "")
    near = write_reaching(
        sample, tmp_path / "b.xlsx", Reach({"xl/worksheets/sheet2.xml": replaced("</sheetData>", empty)}), ""
    )
    assert printable(open_package(near)).data  # the control: an empty cell prints nothing


def test_strict_open_xml_is_rendered(sample: Path, tmp_path: Path) -> None:
    """A file in the strict namespaces gives the same copy as in the transitional ones."""
    strict = tmp_path / "strict.xlsx"
    with zipfile.ZipFile(sample) as source, zipfile.ZipFile(strict, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            for part in ("spreadsheetml", "drawingml"):
                old = f"http://schemas.openxmlformats.org/{part}/2006/"
                data = data.replace(old.encode(), f"http://purl.oclc.org/ooxml/{part}/".encode())
            target.writestr(
                name, data.replace(OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")
            )
    assert printable(open_package(strict)).data == printable(open_package(sample)).data


FAKE = """#!/bin/sh
sleep 300 &
echo $! > {room}/pids
echo $$ >> {room}/pids
pwd > {room}/folder
wait
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_lives_on(sample: Path, tmp_path: Path, number: signal.Signals) -> None:
    """However ``pdf`` is ended: LibreOffice's processes end and its folder goes within seconds."""
    room = tmp_path / "room"
    room.mkdir()
    fake = room / "soffice"
    fake.write_text(FAKE.format(room=room), encoding="utf-8")
    fake.chmod(0o755)
    with _as_at_a_terminal(number):
        process = subprocess.Popen(
            [*START, "pdf", str(sample), "-o", str(tmp_path / "a.pdf")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, "PATH": f"{room}:{os.environ['PATH']}"},
        )  # fmt: skip
    folder = Path(_eventually(lambda: _text(room / "folder")).strip())
    pids = [int(line) for line in _text(room / "pids").split()]
    assert len(pids) == 2
    assert all(_alive(pid) for pid in pids)
    process.send_signal(number)
    process.communicate(timeout=20)

    _eventually(lambda: "gone" if not any(_alive(pid) for pid in pids) and not folder.exists() else "")
    assert not (tmp_path / "a.pdf").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["room", "sample.xlsx"][:1]


@contextmanager
def _as_at_a_terminal(number: signal.Signals) -> Iterator[None]:
    """What is started here is ended by the signal, even where the tests themselves run behind ``nohup`` or in the
    background of a shell, which ignore it and hand that on to every process below."""
    if number == signal.SIGKILL or signal.getsignal(number) != signal.SIG_IGN:
        yield
        return
    signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, signal.SIG_IGN)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def _eventually(answer: object, seconds: float = 15) -> str:
    assert callable(answer)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = answer()
        if found:
            return str(found)
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
