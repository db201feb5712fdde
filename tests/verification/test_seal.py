"""A seal holds while a workbook says what was sealed, in whatever program it was saved, and breaks on any change."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from sheetgen.api.seal import keygen, seal
from sheetgen.workbook.book import Book
from tests.support.changes import at, edited
from tests.support.command import sheetgen
from tests.support.office import XLSX, convert
from tests.support.package import cached_values


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A private key and its public one."""
    room = tmp_path_factory.mktemp("keys")
    keygen(room / "a.pem", room / "a.public.pem")
    return room / "a.pem", room / "a.public.pem"


@pytest.fixture(scope="module")
def sealed(llama_file: Path, keys: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seal of the Llama sample."""
    path = tmp_path_factory.mktemp("seal") / "budget.seal.json"
    seal(llama_file, keys[0], path, by="J. Doe", purpose="PR-2026-117")
    return path


def check(workbook: Path, sealed: Path, public: Path) -> tuple[int, str]:
    """The exit code, and the line about the seal or what is said in its place."""
    done = sheetgen("verify", workbook, "--sealed", sealed, "--key", public)
    lines = [line for line in done.stdout.splitlines() if line.startswith("Seal")]
    return done.returncode, lines[0] if lines else done.stderr


def test_a_seal_says_who_when_and_what_for(
    llama_file: Path, llama_plan: Book, keys: tuple[Path, Path], sealed: Path
) -> None:
    """It holds for the file that was sealed, and states the total that the file stores."""
    said = json.loads(sealed.read_text(encoding="utf-8"))
    total = cached_values(llama_file)[at(llama_plan, "Cost", "total_cost")].value
    own = next(figures for figures in said["figures"] if figures["for_approval"])
    assert own["total_cost"] == pytest.approx(total, rel=1e-12)
    assert check(llama_file, sealed, keys[1]) == (0, f"Seal holds: J. Doe, {said['sealed_at']}, for PR-2026-117")


@pytest.mark.parametrize("program", ["openpyxl", "LibreOffice"])
def test_a_save_that_changes_nothing_leaves_it_whole(
    llama_file: Path, keys: tuple[Path, Path], sealed: Path, tmp_path: Path, program: str
) -> None:
    """Every byte of the file is another one, and it says the same."""
    if program == "openpyxl":
        saved = tmp_path / "saved.xlsx"
        openpyxl.load_workbook(llama_file).save(saved)
    else:
        (saved,) = convert([llama_file], XLSX, tmp_path)
    assert saved.read_bytes() != llama_file.read_bytes()
    code, words = check(saved, sealed, keys[1])
    assert (code, words.partition(":")[0]) == (0, "Seal holds")


@pytest.mark.parametrize(
    ("key", "value"), [("stated_mfu", 0.42), ("case_name", "Another name"), ("price_per_gpu_hour", 1.99)]
)
def test_an_edit_that_verify_allows_breaks_it(
    llama_file: Path, llama_plan: Book, keys: tuple[Path, Path], sealed: Path, tmp_path: Path, key: str, value: object
) -> None:
    """The workbook agrees with itself, and is not what was sealed."""
    path = edited(llama_file, tmp_path, {at(llama_plan, "Inputs", key): value})
    assert sheetgen("verify", path).returncode == 0
    code, words = check(path, sealed, keys[1])
    assert (code, words.partition(":")[0]) == (1, "Seal BROKEN")


def test_a_formula_that_is_typed_over_breaks_it(
    llama_file: Path, llama_plan: Book, keys: tuple[Path, Path], sealed: Path, tmp_path: Path
) -> None:
    """What does not verify holds no seal."""
    path = edited(llama_file, tmp_path, {at(llama_plan, "Cost", "total_cost"): 1})
    code, words = check(path, sealed, keys[1])
    assert (code, words.partition(":")[0]) == (1, "Seal BROKEN")


def _another_purpose(said: dict[str, object]) -> None:
    said["sealed_for"] = "PR-2026-118"


def _another_total(said: dict[str, object]) -> None:
    said["figures"] = []


def _no_signature(said: dict[str, object]) -> None:
    said["signature"] = ""


@pytest.mark.parametrize("forge", [_another_purpose, _another_total, _no_signature])
def test_a_seal_that_was_changed_is_none(
    llama_file: Path, keys: tuple[Path, Path], sealed: Path, tmp_path: Path, forge: Callable[[dict[str, object]], None]
) -> None:
    """Every word of it is signed."""
    said = json.loads(sealed.read_text(encoding="utf-8"))
    forge(said)
    path = tmp_path / "forged.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    code, words = check(llama_file, path, keys[1])
    assert code == 3
    assert "is not signed by the owner of" in words


def test_anothers_key_does_not_hold(llama_file: Path, sealed: Path, tmp_path: Path) -> None:
    """A seal proves nothing but by whose key it is."""
    keygen(tmp_path / "b.pem", tmp_path / "b.public.pem")
    code, words = check(llama_file, sealed, tmp_path / "b.public.pem")
    assert code == 3
    assert "is not signed by the owner of" in words


def test_what_does_not_agree_is_not_sealed(
    llama_file: Path, llama_plan: Book, keys: tuple[Path, Path], tmp_path: Path
) -> None:
    """Nobody signs what does not hold, and no file is left."""
    path = edited(llama_file, tmp_path, {at(llama_plan, "Cost", "total_cost"): 1})
    done = sheetgen("seal", path, "--key", keys[0], "--by", "J", "--for", "X", "-o", tmp_path / "s.json")
    assert (done.returncode, "does not agree, and is not sealed" in done.stderr) == (3, True)
    assert not (tmp_path / "s.json").exists()


def test_keys_are_private_never_printed_and_never_overwritten(tmp_path: Path) -> None:
    """The owner alone reads the private key; a second keygen of that name is refused."""
    first = sheetgen("keygen", "-o", tmp_path / "own.pem")
    secret = (tmp_path / "own.pem").read_text(encoding="ascii")
    assert stat.S_IMODE((tmp_path / "own.pem").stat().st_mode) == 0o600
    assert secret.splitlines()[1] not in first.stdout + first.stderr
    second = sheetgen("keygen", "-o", tmp_path / "own.pem")
    assert (second.returncode, "exists already" in second.stderr) == (1, True)
    assert (tmp_path / "own.pem").read_text(encoding="ascii") == secret


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"sheetgen_seal": 1, "signature": 5}', b"[" * 90_000])
def test_what_is_no_seal_is_said_without_a_traceback(
    llama_file: Path, keys: tuple[Path, Path], tmp_path: Path, content: bytes
) -> None:
    """A stranger's file."""
    (tmp_path / "none.json").write_bytes(content)
    code, words = check(llama_file, tmp_path / "none.json", keys[1])
    assert (code, "is no seal" in words, "Traceback" in words) == (3, True, False)


def test_a_key_that_is_none_is_said(llama_file: Path, keys: tuple[Path, Path], sealed: Path, tmp_path: Path) -> None:
    """The seal in the place of the key, the public key in the place of the private one."""
    code, words = check(llama_file, sealed, sealed)
    assert (code, "is not an ed25519 key in PEM" in words) == (1, True)
    done = sheetgen("seal", llama_file, "--key", keys[1], "--by", "J", "--for", "X", "-o", tmp_path / "s.json")
    assert (done.returncode, "is not an ed25519 key in PEM" in done.stderr) == (1, True)
