"""Hugging Face configurations: a ``config.json`` of a known family becomes the architecture of a model file."""

from sheetgen.catalogue.huggingface.importing import Imported, import_config
from sheetgen.catalogue.huggingface.table import FamilyTable, packaged
from sheetgen.catalogue.huggingface.writing import model_file

__all__ = ["FamilyTable", "Imported", "import_config", "model_file", "packaged"]
