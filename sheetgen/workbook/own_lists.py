"""What is refused of the sources and dropdowns that a user adds: an entry that is missing, or not of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sheetgen.base.inputs import Option
from sheetgen.base.templates import TemplateError, Templates

SOURCE = ("short", "title", "url")
OPTION = ("value", "meaning")


def check_lists(templates: Templates) -> None:
    """Raise TemplateError for the first source, dropdown or option of a user's that is wrong."""
    for name, entry in templates.lists("sources").items():
        if templates.is_own(entry):
            _check_texts(f"sources, {name}", entry, SOURCE, SOURCE)
    for name, entry in templates.lists("choices").items():
        if templates.is_own(entry):
            where = f"choices, {name}"
            _check_texts(where, entry, ("label",), ("label", "words", "options"))
            if not isinstance(entry.get("options"), list):
                raise TemplateError(f"{where}: options must be a list of choices", entry)
        for option in entry["options"]:
            if templates.is_own(option):
                _check_option(f"choices, {name}", option, templates)
            elif templates.is_own(entry):
                raise TemplateError(f"choices, {name}: each of options is a mapping, not {option!r}", entry)


def _check_option(where: str, option: Any, templates: Templates) -> None:
    if not isinstance(option, dict):
        raise TemplateError(f"{where}: each of options is a mapping", option)
    _check_texts(f"{where}, {option.get('value')}", option, OPTION, Option._fields)
    source = option.get("source")
    if source is not None and source not in templates.lists("sources"):
        raise TemplateError(f"{where}, {option['value']}: unknown source {source!r}", option)


def _check_texts(where: str, entry: Mapping[str, Any], needed: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raise TemplateError where a text that is needed is missing or none, or an entry is unknown."""
    for problem in _wrong(entry, needed, known):
        raise TemplateError(f"{where}: {problem}", entry)


def _wrong(entry: Mapping[str, Any], needed: tuple[str, ...], known: tuple[str, ...]) -> Iterator[str]:
    for name in needed:
        if name not in entry:
            yield f"missing {name!r}"
        elif not isinstance(entry[name], str) or not entry[name].strip():
            yield f"{name} must be a text, not {entry[name]!r}"
    unknown = sorted(set(entry) - set(known))
    if unknown:
        yield f"unknown {unknown}"
