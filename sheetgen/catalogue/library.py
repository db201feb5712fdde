"""The catalogue as a whole: the packaged directory, and a user's directory laid over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from sheetgen.base.errors import InvalidInput, Problem, did_you_mean
from sheetgen.catalogue.accelerators import Accelerator, read_accelerators
from sheetgen.catalogue.records import key_problem

if TYPE_CHECKING:
    from sheetgen.catalogue.models import Model
    from sheetgen.catalogue.prices import Price

PACKAGED = Path(__file__).parent
ACCELERATORS_FILE = "accelerators.csv"
PRICES_FILE = "prices.csv"
MODELS_DIRECTORY = "models"
FAMILIES_FILE = "families.yaml"


@dataclass(frozen=True)
class Catalogue:
    """Accelerators, read at once, and models and prices, each read from its file when it is asked for.

    ``family_files`` are a user's tables of families of Hugging Face configurations, laid over the package's.
    """

    accelerators: Mapping[str, Accelerator]
    model_files: Mapping[str, Path]
    price_files: tuple[Path, ...] = (PACKAGED / PRICES_FILE,)
    family_files: tuple[Path, ...] = ()
    _models: dict[str, Model] = field(default_factory=dict, init=False, repr=False, compare=False)

    def model(self, key: str) -> Model:
        """The model of a key. Raises KeyError if there is none, :class:`InvalidInput` for a wrong file."""
        if key not in self._models:
            from sheetgen.catalogue.models import read_model  # few commands need it

            self._models[key] = read_model(self.model_files[key])
        return self._models[key]

    def prices(self) -> dict[str, Price]:
        """The prices by key; those of a later file replace those of the same key. Raises :class:`InvalidInput`."""
        from sheetgen.catalogue.prices import read_prices  # few commands need it

        found: dict[str, Price] = {}
        for path in self.price_files:
            found |= read_prices(path)
        return found

    def model_keys(self) -> tuple[str, ...]:
        """The keys of all models, in alphabetical order."""
        return tuple(sorted(self.model_files))

    def models(self) -> list[Model]:
        """All models, by key. Raises :class:`InvalidInput` with the mistakes of all files together."""
        models: list[Model] = []
        problems: list[Problem] = []
        for key in self.model_keys():
            try:
                models.append(self.model(key))
            except InvalidInput as error:
                problems += error.problems
        if problems:
            raise InvalidInput(problems)
        return models

    def suggest(self, key: str, kind: Literal["accelerator", "model"]) -> str:
        """``; did you mean 'x'?`` when a key of that kind comes close, else an empty string."""
        return did_you_mean(key, self.accelerators if kind == "accelerator" else self.model_keys())


@cache
def _packaged_accelerators() -> Mapping[str, Accelerator]:
    """The packaged table, read once: a verify asks for it three times."""
    return read_accelerators(PACKAGED / ACCELERATORS_FILE)


def load_catalogue(directory: Path | None = None, overlays: Iterable[Path] = ()) -> Catalogue:
    """The packaged catalogue; what ``directory`` holds is added to it, or replaces what has the same key; before it
    what ``overlays`` hold, directories alike, such as those of installed extensions.

    ``directory`` may hold ``accelerators.csv``, ``prices.csv``, ``families.yaml`` and ``models/<key>.yaml``. Raises
    :class:`InvalidInput` with every mistake in its accelerators and file names; those of a model, a price or a family
    are raised when it is read.
    """
    family_files: tuple[Path, ...] = ()
    accelerators = dict(_packaged_accelerators())
    files = _model_files(PACKAGED / MODELS_DIRECTORY, [])
    price_files: tuple[Path, ...] = (PACKAGED / PRICES_FILE,)
    problems: list[Problem] = []
    for place in (*overlays, *(() if directory is None else (directory,))):
        own, own_files = _own(place, problems)
        accelerators |= own
        files |= own_files
        price_files += tuple(path for path in (place / PRICES_FILE,) if path.exists())
        family_files += tuple(path for path in (place / FAMILIES_FILE,) if path.exists())
    if problems:
        raise InvalidInput(problems)
    return Catalogue(MappingProxyType(accelerators), MappingProxyType(files), price_files, family_files)


def _own(directory: Path, problems: list[Problem]) -> tuple[dict[str, Accelerator], dict[str, Path]]:
    """What a user's directory holds; mistakes go to ``problems``."""
    table, models = directory / ACCELERATORS_FILE, directory / MODELS_DIRECTORY
    try:
        present = {entry.name for entry in directory.iterdir()}
    except OSError as error:
        problems.append(Problem(f"cannot read the catalogue directory: {error.strerror}", str(directory)))
        return {}, {}
    if not present & {table.name, models.name, PRICES_FILE, FAMILIES_FILE}:
        expected = f"{ACCELERATORS_FILE}, {PRICES_FILE}, {FAMILIES_FILE} or {MODELS_DIRECTORY}/<key>.yaml"
        problems.append(Problem("the catalogue directory holds no table", str(directory), allowed=expected))
    accelerators: dict[str, Accelerator] = {}
    if table.name in present:
        try:
            accelerators = read_accelerators(table)
        except InvalidInput as error:
            problems += error.problems
    return accelerators, _model_files(models, problems) if models.name in present else {}


def _model_files(directory: Path, problems: list[Problem]) -> dict[str, Path]:
    """The model files of a directory by key, without reading them; hidden files are passed over."""
    files: dict[str, Path] = {}
    try:
        paths = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
    except OSError as error:
        problems.append(Problem(f"cannot read the models directory: {error.strerror}", str(directory)))
        return files
    for path in paths:
        if path.suffix != ".yaml":
            problems.append(Problem("not a model file", str(path), allowed="<key>.yaml"))
        elif problem := key_problem(path.stem, str(path), None):
            problems.append(problem)
        else:
            files[path.stem] = path
    return files
