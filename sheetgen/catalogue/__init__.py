"""The catalogue: published accelerators and models with their sources, and a user's own over them."""

from sheetgen.catalogue.accelerators import PRECISIONS, Accelerator
from sheetgen.catalogue.library import Catalogue, load_catalogue
from sheetgen.catalogue.models import ARCHITECTURE, Model

__all__ = ["ARCHITECTURE", "PRECISIONS", "Accelerator", "Catalogue", "Model", "load_catalogue"]
