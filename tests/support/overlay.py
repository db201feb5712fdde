"""A user's catalogue to write for tests: rows of accelerators, files of models, and what is refused of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgen.base.errors import InvalidInput, Problem
from sheetgen.catalogue import load_catalogue

HEADER = "key,name,vendor,memory_gb,bf16,bf16_sparse,fp8,source,source_url,notes"


ROW = "tensor-1,Tensor One,Acme,96,500,1000,,Acme data sheet,https://acme.example/sheet.pdf,"


MODEL = """\
name: Acme 1B
n_layers: 16
d_model: 2048
n_heads: 16
n_kv_heads: 4
head_dim: 128
d_ff: 8192
vocab_size: 32_000
learned_positions: 0
norms_per_layer: 2
gated_ffn: yes
tied_embeddings: no
qkv_bias: no
attention_output_bias: no
ffn_bias: no
norm: rmsnorm
qk_norm: none
max_context_length: 8k
published_parameters: 1_200_000_000
source: Acme model card
"""


EXPERTS = """\
n_experts: 8
experts_per_token: 2
expert_d_ff: 1024
shared_expert_d_ff: 512
shared_expert_gate: yes
dense_layers: 1
"""


LATENT = """\
attention: mla
kv_lora_rank: 512
qk_nope_dim: 128
qk_rope_dim: 64
v_head_dim: 128
"""


def write_accelerators(directory: Path, *rows: str, header: str = HEADER) -> Path:
    """``accelerators.csv`` with a header and rows; returns its path."""
    path = directory / "accelerators.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def write_model(directory: Path, text: str, key: str = "acme-1b") -> Path:
    """A model file; returns its path."""
    path = directory / "models" / f"{key}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def refused(directory: Path, model: str | None = None) -> tuple[Problem, ...]:
    """The problems of a user's directory, or of one of its models."""
    if model is None:
        with pytest.raises(InvalidInput) as caught:
            load_catalogue(directory)
        return caught.value.problems
    catalogue = load_catalogue(directory)
    with pytest.raises(InvalidInput) as caught:
        catalogue.model(model)
    return caught.value.problems
