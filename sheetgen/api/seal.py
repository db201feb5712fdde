"""``keygen`` and ``seal``: a key pair, and a signature over what a workbook says."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sheetgen.base.errors import InvalidInput, NotVerifiable, Problem, one_line
from sheetgen.base.files import check_target, create_file, replace_file

if TYPE_CHECKING:
    from sheetgen.verification.verdict import Verdict

SUFFIX = ".json"
MOST_WORDS = 200


def keygen(private: str | Path, public: str | Path) -> None:
    """Write a new private key, readable by its owner alone, and its public key; neither file may exist.

    Raises BuildError where one does or cannot be written.
    """
    from sheetgen.verification.seal import new_keys

    one, other = Path(private), Path(public)
    check_target(one, ".pem")
    check_target(other, ".pem")
    for path in (one, other):
        if path.exists():
            raise InvalidInput([Problem("exists already, and a key is never overwritten", str(path))])
    secret, known = new_keys()
    create_file(one, secret, mode=0o600)
    create_file(other, known)


def seal(
    workbook: str | Path, key: str | Path, output: str | Path, *, by: str, purpose: str,
    templates: Sequence[str | Path] = (),
) -> str:  # fmt: skip
    """Verify a workbook and write a seal of what it says; the SHA-256 of its content.

    Raises NotVerifiable where it does not agree, for nobody signs what does not hold, and InvalidInput for a key that
    is none and words that are missing.
    """
    from sheetgen import __version__
    from sheetgen.base.resources import templates_digest
    from sheetgen.verification.seal import sealed
    from sheetgen.verification.workbook import verify

    source, target = Path(workbook), Path(output)
    check_target(target, SUFFIX, inputs=[source, Path(key)])
    words = {"--by": by, "--for": purpose}
    problems = [
        Problem("says nothing, or too much", key=name, given=text[:40], allowed=f"1 to {MOST_WORDS} characters")
        for name, text in words.items()
        if not 0 < len(text.strip()) <= MOST_WORDS
    ]
    if problems:
        raise InvalidInput(problems)
    verdict = verify(source, templates=templates, content=True)
    if not verdict.agrees:
        raise NotVerifiable(f"{one_line(str(source))}: does not agree, and is not sealed; sheetgen verify says why")
    said = {
        "content_sha256": verdict.content,
        "templates_sha256": templates_digest(),
        "generator": f"sheetgen {__version__}",
        "sealed_by": by.strip(),
        "sealed_at": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
        "sealed_for": purpose.strip(),
        "figures": verdict.figures(),
    }
    replace_file(target, sealed(said, Path(key)))
    return verdict.content


def check_seal(verdict: Verdict, file: str | Path, key: str | Path) -> None:
    """Hold a verdict that was asked for its content to a seal, by the public key of who made it.

    Raises InvalidInput for what is no public key, NotVerifiable for a seal that is none or not signed by it.
    """
    from sheetgen.verification.seal import read_seal
    from sheetgen.verification.verdict import Seal

    said = read_seal(Path(file), Path(key))
    words = f"{said['sealed_by']}, {said['sealed_at']}, for {said['sealed_for']}"
    holds = bool(verdict.content) and said["content_sha256"] == verdict.content and verdict.intact
    verdict.seal = Seal(holds, words if holds else f"the workbook does not say what was sealed by {words}")
