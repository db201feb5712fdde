"""``new``: a commented starter scenario, written from the same rows that the scenario reader checks."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from sheetgen.base.inputs import CASE_NAME, Field, fields

HEAD = """\
# yaml-language-server: $schema=scenario.schema.json
# A training budget for sheetgen. Build the workbook with:
#   sheetgen build --scenario THIS_FILE -o budget.xlsx
# Keys: sheetgen fields. For completion in an editor: sheetgen schema -o scenario.schema.json
# Numbers may be written 15.6e12, 15.6T, 405B, 16M, 41%. Dates are YYYY-MM-DD. Every key is a row of sheet Inputs.
"""

MODEL = """\
# A key of `sheetgen models`, or an architecture of your own:
#   model: {name: mine, n_layers: 32, d_model: 4096, n_heads: 32, n_kv_heads: 8, head_dim: 128, d_ff: 14336,
#           gated_ffn: yes, vocab_size: 128256, tied_embeddings: no, learned_positions: 0, qkv_bias: no,
#           attention_output_bias: no, ffn_bias: no, norm: rmsnorm, norms_per_layer: 2, qk_norm: none}
model: llama-3.1-8b
"""

TAIL = """
# More columns beside the first one. A case names what differs from the base and nothing else.
base_case: Base
cases:
  - name: Lower MFU
    stated_mfu: 35%
  - name: H200
    accelerator: h200-sxm-141gb
    price_per_gpu_hour: 3.20

# Where a figure comes from; shown beside it in the workbook.
sources:
  tokens: Data team, inventory of 2026-10
  stated_mfu: Our last run of this size
"""


def starter() -> str:
    """The text of a starter scenario that builds as it stands, and names every other key that it may have."""
    sections: dict[str, list[Field]] = {}
    for spec in fields().values():
        if spec.key != CASE_NAME and not (spec.is_of_model and spec.key != "model"):
            sections.setdefault(spec.section, []).append(spec)
    return "".join([HEAD, *(_section(title, specs) for title, specs in sections.items()), TAIL])


def _section(title: str, specs: Sequence[Field]) -> str:
    """A section's keys with an example each, and the names of the others."""
    others = [spec.key for spec in specs if spec.example is None and not spec.is_of_model]
    lead = f"Of the sheet that `sheets: [{specs[0].sheet}]` adds" if specs[0].sheet else "Also, see sheet Inputs"
    names = textwrap.fill(f"{lead}: {', '.join(others)}", 116, initial_indent="# ", subsequent_indent="#   ")
    return "".join([
        f"\n# {title}\n",
        MODEL if specs[0].key == "model" else "",
        *(_line(spec, spec.example) for spec in specs if spec.example is not None),
        f"{names}\n" if others else "",
    ])  # fmt: skip


def _line(spec: Field, example: str) -> str:
    entry = f"{spec.key}: {example}"
    words = " | ".join(spec.choices_of())
    note = words or (spec.allowed_of() if spec.choices else spec.help)
    comment = textwrap.shorten(note, 110 - 44, placeholder=" …")
    return f"{entry:<42}  # {comment}\n" if len(entry) <= 42 else f"# {comment}\n{entry}\n"
