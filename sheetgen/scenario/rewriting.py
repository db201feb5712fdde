"""A scenario's file with what another scenario says differently: its comments, its order and its spelling stay.

Both scenarios are given as the trees of :mod:`sheetgen.scenario.document`; where these are the same, nothing of the
text is touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sheetgen.base.inputs import fields
from sheetgen.base.yaml_text import Tree, YamlText
from sheetgen.scenario.other_costs import KEY as OTHER_COSTS
from sheetgen.scenario.other_costs import KEYS as COST_KEYS
from sheetgen.scenario.prices import price_keys

LAST = ("base_case", *(key for key, spec in fields().items() if spec.names_case), "cases", "sources")
"""Keys that new ones are put in front of."""
Path = Sequence[str | int]
Entries = Mapping[str, Any]


def rewritten(text: str, before: Mapping[str, Tree], after: Mapping[str, Tree]) -> str:
    """The text of a scenario, whose tree is ``before``, so that it says what the tree ``after`` says."""
    file = YamlText(text)
    _table(file, (), before, after)
    _sources(file, before, after)
    _cases(file, before, after)
    return file.written()


def _table(file: YamlText, path: Path, before: Entries, after: Entries) -> None:
    """Change what the base, or a case, says of itself."""
    apart = {"cases", "sources", "name"}
    changed = [key for key in {**before, **after} if key not in apart and before.get(key) != after.get(key)]
    if set(changed) & set(price_keys()) and file.node((*path, "price")) is not None:
        file.take((*path, "price"))  # a named price gives all of these
        changed += [key for key in price_keys() if key in after and key not in changed]
    for key in changed:
        if key == OTHER_COSTS:
            for typed in COST_KEYS:
                if _there(file, path, typed) is not None:
                    file.take(_there(file, path, typed) or ())
        if key == "model" and _model(file, path, before.get(key), after.get(key)):
            continue
        place = _there(file, path, key)
        if key in after:
            file.put(place or (*path, key), after[key], () if path else LAST)
        elif place is not None:
            file.take(place)


def _there(file: YamlText, path: Path, key: str) -> Path | None:
    """Where a key stands in a table, also by an older name; None where it does not."""
    spec = fields().get(key)
    names = (key, *(spec.aliases if spec is not None else ()))
    return next(((*path, name) for name in names if file.node((*path, name)) is not None), None)


def _model(file: YamlText, path: Path, before: Any, after: Any) -> bool:
    """Change sizes of a model where they stand, or beside its name; False where it has to be written anew."""
    one, other = (own if isinstance(own, dict) else {"catalogue": own} for own in (before, after))
    named = {"catalogue", "name", "source"}
    if not one or any(one.get(key) != other.get(key) for key in named):
        return False
    changed = [key for key in {**one, **other} if one.get(key) != other.get(key)]
    if any(key not in other for key in changed):
        return False
    inline = isinstance(before, dict) and "catalogue" not in one
    for key in changed:
        within = (*path, "model", key)
        beside = file.node(within) is None and not inline
        file.put((*path, key) if beside else within, other[key], () if path else LAST)
    return True


def _sources(file: YamlText, before: Entries, after: Entries) -> None:
    old, new = before.get("sources", {}), after.get("sources", {})
    changed = {key: new.get(key) for key in {**old, **new} if old.get(key) != new.get(key)}
    if changed and file.node(("sources",)) is None:
        told = {key: text for key, text in changed.items() if text is not None}
        if told:
            file.put(("sources",), told)
        return
    for key, text in changed.items():
        place = _there(file, ("sources",), key)
        if text is not None:
            file.put(place or ("sources", key), text)
        elif place is not None:
            file.take(place)


def _cases(file: YamlText, before: Entries, after: Entries) -> None:
    """Change the cases of one name, or of one place where there are as many, one by one; add and take the rest."""
    old, new = before.get("cases", []), after.get("cases", [])
    if old == new:
        return
    names = [case["name"] for case in old]
    kept = [case["name"] for case in new]
    same_places = len(old) == len(new)
    in_order = [name for name in names if name in kept] == kept[: sum(name in kept for name in names)]
    if not old or not new or not (same_places or in_order):
        if new:
            file.put(("cases",), new, LAST[-1:])
        else:
            file.take(("cases",))
        return
    for number, case in enumerate(old):
        other = new[number] if same_places else next((own for own in new if own["name"] == case["name"]), None)
        if other is None:
            file.take(("cases", number))
            continue
        if other["name"] != case["name"]:
            file.put(("cases", number, "name"), other["name"])
        _table(file, ("cases", number), case, other)
    if not same_places:
        for case in new:
            if case["name"] not in names:
                file.add_item(("cases",), case)
