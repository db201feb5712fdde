"""The catalogue: published accelerators and models with their sources, and a user's own over them.

What a model is says ``catalogue.models``, which is read when one is asked for.
"""

from sheetgen.catalogue.accelerators import PRECISIONS, Accelerator
from sheetgen.catalogue.library import Catalogue, load_catalogue

__all__ = ["PRECISIONS", "Accelerator", "Catalogue", "load_catalogue"]
