"""The two package validators accept the clean workbook and find what is broken in others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import validators
from tests.support.edits import edit_parts
from tests.support.sample_book import write_sample

STYLES = "xl/styles.xml"
MODEL = "xl/worksheets/sheet2.xml"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clean workbook."""
    return write_sample(tmp_path_factory.mktemp("validators") / "sample.xlsx")


@pytest.fixture(scope="module")
def broken(sample: Path) -> Path:
    """The workbook with an element that the schema does not know, inside a sheet."""
    out = sample.with_name("broken.xlsx")
    edit_parts(sample, out, {MODEL: lambda text: text.replace("<sheetData>", "<gpuData/><sheetData>")})
    return out


def test_openxml_audit_accepts_clean_and_finds_broken(sample: Path, broken: Path) -> None:
    """openxml-audit is silent on the clean workbook and names the unknown element of the broken one."""

    assert validators.openxml_audit_errors(sample) == []
    assert any("gpuData" in error for error in validators.openxml_audit_errors(broken))


def test_sdk_accepts_clean_and_finds_broken(sample: Path, broken: Path) -> None:
    """The Open XML SDK is silent on the clean workbook and names the unknown element of the broken one."""

    assert validators.sdk_errors(sample) == []
    assert any("gpuData" in error for error in validators.sdk_errors(broken))


def test_sdk_reports_a_file_that_it_cannot_open(sample: Path, tmp_path: Path) -> None:
    """A truncated file is an error of the file, not a silent pass."""
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(sample.read_bytes()[:2000])

    assert [error.partition("]")[0] for error in validators.sdk_errors(cut)] == ["[Exception"]


def test_missing_file_is_an_error_of_the_test(tmp_path: Path) -> None:
    """A path that does not exist raises; no validator may call it valid."""
    with pytest.raises(FileNotFoundError):
        validators.openxml_audit_errors(tmp_path / "none.xlsx")


def test_validator_that_gives_no_answer_is_an_error(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command that crashes, prints no JSON or contradicts itself raises ValidatorError."""
    command = tmp_path / "ooxml-validator"
    monkeypatch.setenv("OOXML_VALIDATOR", str(command))

    with pytest.raises(validators.ValidatorError, match="which is not a file"):
        validators.sdk_errors(sample)
    for script, message in (
        ("exit 2", "ended with 2"),
        ("echo hello", "printed 'hello"),
        ("""echo '{"ok": false, "errors": []}'""", "contradicts itself"),
    ):
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)
        with pytest.raises(validators.ValidatorError, match=message):
            validators.sdk_errors(sample)


def test_absent_validator_skips_with_reason_and_fails_in_ci(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the npm package the test is skipped saying how to install it; in CI it fails."""
    monkeypatch.delenv("OOXML_VALIDATOR", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(validators, "INSTALLED", tmp_path / "none")
    validators._npx_command.cache_clear()

    monkeypatch.setenv("CI", "")
    with pytest.raises(pytest.skip.Exception, match=r"npm install --prefix \.ci/node @xarsh"):
        validators.sdk_errors(sample)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="CI must run this check"):
        validators.sdk_errors(sample)
    validators._npx_command.cache_clear()
