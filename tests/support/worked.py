"""Worked figures: tables of ``tests/worked/*.yaml``, each entry a case, its source, and what follows from its inputs.

A file has ``cases``, bases with a name (``from`` is another of them, or a model of the catalogue; without it the
ordinary case of :mod:`tests.support.engine_cases`), and ``worked``, a list of entries::

    - name: PaLM's convention on the small model
      source: Chowdhery et al. 2022, appendix B, by hand
      of: small                       # a base; without it the ordinary case
      inputs: {tokens: 1000}          # of the entry, over those of the base
      accelerator: a100               # one of CHIPS; without it the H100
      changes: {qkv_bias: yes}        # what 'adds' and 'same' are about
      expected: {parameters: 340, mfu: {about: 0.46, within: 0.0005}, check_window: REVIEW}
      adds: {parameters: 3 * (6 + 5 + 1)}
      same: [matmul_parameters]
      alike: [forward_flops_per_token_megatron, forward_flops_per_token_exact]

A figure is exact, or ``{about, within}`` (absolute) or ``{about, rel}``; it may be arithmetic as worked by hand. Counts
that are expected as whole numbers are integers. ``adds`` is what the changes add, ``same`` what they leave as it was;
with changes ``expected`` is of the changed case. ``alike`` are figures that are one and the same.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from sheetgen.catalogue import load_catalogue
from tests.support.engine_cases import A100, H100, ORDINARY, TPU_V4, Accelerator, Value, accelerator

FOLDER = Path(__file__).parents[1] / "worked"
H800 = accelerator("h800-sxm", 80.0, {"bf16": 989.4})  # peaks of an H100, its links cut
CHIPS: Mapping[str, Accelerator | None] = {"h100": H100, "a100": A100, "h800": H800, "tpu-v4": TPU_V4, "none": None}
ENTRY = {"name", "source", "of", "inputs", "accelerator", "changes", "expected", "adds", "same", "alike"}
COUNTS = {"parameter", "FLOP/token", "FLOP/sequence", "FLOP"}
OPERATORS = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Pow: operator.pow,
}  # fmt: skip


class Worked(NamedTuple):
    """One entry: the whole inputs before and after its changes, and what it expects."""

    file: str
    name: str
    source: str
    before: dict[str, Value]
    inputs: dict[str, Value]
    chip: Accelerator | None
    expected: dict[str, Any]
    adds: dict[str, float]
    same: tuple[str, ...]
    alike: tuple[str, ...]


def arithmetic(text: str) -> float | str:
    """``2 * 340 + 384`` worked out; a text that is no arithmetic is itself."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return text

    def value(node: ast.expr) -> Any:
        if isinstance(node, ast.BinOp):
            return OPERATORS[type(node.op)](value(node.left), value(node.right))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -value(node.operand)
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            return node.value
        raise ValueError(ast.dump(node))

    try:
        return value(node)  # type: ignore[no-any-return]  # numbers of a literal
    except ValueError:
        return text


def plain(value: Any) -> Any:
    """A value of the file as the engine has it: true and false are yes and no, arithmetic is worked out."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return arithmetic(value)
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return value


def base(name: str, cases: Mapping[str, Any]) -> dict[str, Value]:
    """The inputs of a named case, or of the ordinary one with a model of the catalogue."""
    if name not in cases:
        return {**ORDINARY, **load_catalogue().model(name).architecture()}
    case = cases[name]
    assert set(case) <= {"from", "inputs"}, name
    start = base(case["from"], cases) if "from" in case else dict(ORDINARY)
    return {**start, **plain(case["inputs"])}


@cache
def worked() -> tuple[Worked, ...]:
    """Every entry of every file."""
    return tuple(entry for path in sorted(FOLDER.glob("*.yaml")) for entry in _entries(path))


def _entries(path: Path) -> Iterator[Worked]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(data) <= {"cases", "worked"}, path
    for row in data["worked"]:
        assert set(row) <= ENTRY, (path, row)
        assert row["source"], (path, row)
        assert any(row.get(part) for part in ("expected", "adds", "same", "alike")), (path, row)
        before = base(row["of"], data.get("cases", {})) if "of" in row else dict(ORDINARY)
        chip = CHIPS[row.get("accelerator", "h100")]
        before |= {**({} if chip is None else {"accelerator": chip.key}), **plain(row.get("inputs", {}))}
        yield Worked(
            path.stem, row["name"], row["source"], before, {**before, **plain(row.get("changes", {}))}, chip,
            plain(row.get("expected", {})), plain(row.get("adds", {})), tuple(row.get("same", ())),
            tuple(row.get("alike", ())),
        )  # fmt: skip


def differences(
    entry: Worked, before: Mapping[str, Any], after: Mapping[str, Any], units: Mapping[str, str], precision: float = 0
) -> list[str]:
    """What is not as the entry expects, in words; ``before`` and ``after`` are figures by key.

    ``precision`` is the room of figures that are doubles; without it an exact one is exact, and counts are integers.
    """
    found = []

    def alike(value: Any, wanted: Any, size: float = 0) -> bool:
        if isinstance(wanted, str) or not precision:
            return bool(value == wanted)
        return bool(abs(value - wanted) <= precision * max(abs(value), abs(wanted), size))

    for key, wanted in entry.expected.items():
        value = after[key]
        if isinstance(wanted, dict):
            room = {"abs": wanted["within"]} if "within" in wanted else {"rel": wanted["rel"]}
            right = value == pytest.approx(wanted["about"], **room)
        else:
            free = precision or not isinstance(wanted, int) or units.get(key) not in COUNTS
            right = alike(value, wanted) and (free or isinstance(value, int))
        if not right:
            found.append(f"{key}: {value!r}, expected {wanted!r}")
    for key, more in entry.adds.items():
        if not alike(after[key] - before[key], more, abs(before[key])):
            found.append(f"{key}: {before[key]!r} to {after[key]!r}, expected {more!r} more")
    found += [
        f"{key}: {before[key]!r} became {after[key]!r}" for key in entry.same if not alike(after[key], before[key])
    ]
    if any(not alike(after[key], after[entry.alike[0]]) for key in entry.alike):
        found.append(f"not alike: {', '.join(f'{key} {after[key]!r}' for key in entry.alike)}")
    return found
