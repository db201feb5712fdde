"""What extends the package, read and checked: templates of installed packages and of directories, and catalogues."""

from __future__ import annotations

from pathlib import Path

from sheetgen.base.extensions import installed
from sheetgen.base.templates import Templates
from sheetgen.catalogue import Catalogue, load_catalogue


def load_templates(*directories: str | Path) -> Templates:
    """The templates of the package, with those of installed extensions and of directories laid over them.

    Raises InvalidInput with every mistake in them, each with file, line and row.
    """
    templates = Templates.load(*directories)
    if templates.own:
        from sheetgen.workbook.own_check import checked  # it reads every sheet

        checked(templates)
    return templates


def catalogue_with_extensions(directory: Path | None) -> Catalogue:
    """The packaged catalogue, with those of installed extensions and then a user's directory laid over it.

    Raises InvalidInput as :func:`sheetgen.catalogue.load_catalogue`.
    """
    return load_catalogue(directory, [path for extension in installed() for path in extension.catalogues])
