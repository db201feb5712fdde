"""Hugging Face configurations: a ``config.json`` of a known family becomes the architecture of a model file."""

from sheetgen.catalogue.huggingface.importing import FAMILIES, Imported, import_config, model_file

__all__ = ["FAMILIES", "Imported", "import_config", "model_file"]
