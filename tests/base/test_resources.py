"""The packaged templates are read once and kept; what is kept is used only while it is that of the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sheetgen.base import resources

FIRST, SECOND = "rows:\n- {key: a, shown: yes, count: 3}\n", "rows:\n- {key: b, shown: off, count: 4}\n"
READ = {
    FIRST: {"rows": [{"key": "a", "shown": True, "count": 3}]},
    SECOND: {"rows": [{"key": "b", "shown": False, "count": 4}]},
}


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one template, in the place of the package's, with a cache of its own."""
    monkeypatch.setattr(resources, "templates_directory", lambda: tmp_path)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "cache"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "one.yaml"
    path.write_text(FIRST)
    return path


def read() -> object:
    """What the template holds, read as a new process reads it."""
    return resources.template_data.__wrapped__("one")


def kept(path: Path) -> list[Path]:
    """The files that keep it."""
    return list((path.parent / "cache").rglob("*.template"))


def test_kept_content_is_that_of_the_file(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second reading does not parse the file again, and says the same."""
    assert read() == READ[FIRST]
    assert len(kept(template)) == 1
    monkeypatch.setattr(resources, "read_plain", lambda path: pytest.fail(f"{path} was parsed again"))
    assert read() == READ[FIRST]


def test_changed_file_is_read_again(template: Path) -> None:
    """A template that was edited counts at once, also where its size stays the same."""
    assert read() == READ[FIRST]
    before = template.stat().st_mtime_ns
    template.write_text(SECOND)
    os.utime(template, ns=(before + 1, before + 1))
    assert read() == READ[SECOND]


@pytest.mark.parametrize("content", [b"", b"no data of ours", b"\xe9\x05\x00\x00\x00", b"N", b"i\x01\x00\x00\x00"])
def test_broken_cache_is_made_anew(template: Path, content: bytes) -> None:
    """What was cut short, or is of another shape, is no error and no content."""
    read()
    (place,) = kept(template)
    place.write_bytes(content)
    assert read() == READ[FIRST]
    assert len(place.read_bytes()) > len(content)


def test_no_cache_where_python_keeps_no_bytecode(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYTHONDONTWRITEBYTECODE holds for templates too, and a folder that cannot be written is no error."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert read() == READ[FIRST]
    assert not kept(template)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (template.parent / "cache").write_text("a file where a folder should be")
    assert read() == READ[FIRST]


def test_start_of_verify_reads_no_yaml(tmp_path: Path) -> None:
    """With kept templates, laying a workbook out needs no YAML reader: the time that this is for."""
    code = "import sys, sheetgen.workbook.definitions as d; d.packaged_definitions(); print('yaml' in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2)
    ]
    assert said == ["True", "False"]
