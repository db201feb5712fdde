"""The Llama sample edited, and what is refused of it."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from sheetgen.cli.main import main
from tests.support.paths import SAMPLES

SAMPLE = SAMPLES["llama405b"]


TEXT = SAMPLE.read_text(encoding="utf-8")


OLDER = b"an older budget"


def edited(*changes: tuple[str, str]) -> str:
    """The Llama sample with lines exchanged; each old text must stand in it once."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def refused(tmp_path: Path, content: str | bytes) -> list[str]:
    """The messages of ``build`` on a scenario that must be refused, without what is the same in all of them.

    The exit code is 1, there is no traceback, and an output that existed keeps its bytes.
    """
    scenario, output = tmp_path / "bad.yaml", tmp_path / "budget.xlsx"
    scenario.write_bytes(content.encode() if isinstance(content, str) else content)
    output.write_bytes(OLDER)
    result = CliRunner().invoke(main, ["build", "--scenario", str(scenario), "-o", str(output)])
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    assert result.stdout == ""
    assert output.read_bytes() == OLDER
    assert sorted(tmp_path.iterdir()) == [scenario, output]
    messages = result.stderr.splitlines()
    place = f"sheetgen: {scenario}:"
    assert all(message.startswith(place) and message.isprintable() for message in messages), messages
    return [message.removeprefix(place).lstrip() for message in messages]
