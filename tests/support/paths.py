"""Where the files of the checkout stand."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SAMPLES = {path.stem: path for path in sorted((ROOT / "samples").glob("*.yaml"))}
"""The sample scenarios by name."""
TEMPLATES = ROOT / "templates"
DATA = ROOT / "tests" / "data"
