"""Without PyTorch and transformers the oracle is skipped in one line, that of ``test_families``."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") and find_spec("transformers") else ["test_mutations.py"]
