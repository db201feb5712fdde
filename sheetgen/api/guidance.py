"""``mfu``: the published MFUs that are nearest to a model on so many accelerators."""

from __future__ import annotations

from sheetgen.base.errors import InvalidInput, Problem, list_choices
from sheetgen.catalogue import load_catalogue
from sheetgen.engine import count_parameters
from sheetgen.engine.conventions import nearest_published
from sheetgen.evidence.guidance import Guidance, Setting, nearest


def published_mfus(model: str, setting: Setting, convention: str) -> tuple[Guidance, str]:
    """The measurements nearest to a setting, whose parameters are those of a model of the catalogue, and the convention
    in which their MFUs are counted: the one asked for, or the nearest to it in which published runs can be.

    Raises InvalidInput with a problem per mistake.
    """
    catalogue, problems = load_catalogue(), list[Problem]()
    gpu = setting.accelerator
    if gpu not in catalogue.accelerators:
        allowed, hint = list_choices(catalogue.accelerators), catalogue.suggest(gpu, "accelerator")
        problems.append(Problem(f"no such accelerator{hint}", key="--gpu", given=gpu, allowed=allowed))
    if model not in catalogue.model_files:
        allowed, hint = list_choices(catalogue.model_keys()), catalogue.suggest(model, "model")
        problems.append(Problem(f"no such model in the catalogue{hint}", key="--model", given=model, allowed=allowed))
    if problems:
        raise InvalidInput(problems)
    active = count_parameters(catalogue.model(model).architecture())["active_parameters"]
    generation = catalogue.accelerators[gpu].generation
    counted_in = nearest_published(convention)
    return nearest(setting._replace(parameters=active, generation=generation), counted_in), counted_in
