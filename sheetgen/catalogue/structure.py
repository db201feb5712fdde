"""Whether values fit each other: the engine's checks decide, and here stands which key is to blame.

A catalogue file and a scenario ask the same of the same values, and no rule is written again: where a check of the
engine fails, each of its keys is tried by itself, with harmless values in place of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from sheetgen.base.inputs import Field, Value, fields
from sheetgen.engine import attention, embedding, experts, mask
from sheetgen.engine.quantity import OK, Quantity


class Misfit(NamedTuple):
    """Values that do not fit: the key to look at first, what is wrong, all keys that it rests on, what is allowed."""

    key: str
    message: str
    rests_on: tuple[str, ...]
    allowed: str | None = None


class Blame(NamedTuple):
    """What is said of one key of a check: where it is 0 (``missing``), and where it is not (``wrong``).

    ``harmless`` is a value that fits whatever the others are, or the key whose value does; ``most`` is the key that
    this one may not exceed.
    """

    key: str
    harmless: Value
    missing: str = ""
    wrong: str = ""
    most: str = ""
    allowed: str | None = None


class Rule(NamedTuple):
    """A check of the engine, and what is said of each of its keys that may be wrong."""

    check: Quantity
    blames: tuple[Blame, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """The keys that the check looks at."""
        return self.check.needs

    def holds(self, **values: Value) -> bool:
        """Whether the check holds for values by key."""
        return bool(self.check(*(values[key] for key in self.reads)) == OK)

    def misfits(self, values: Mapping[str, Value]) -> Iterator[Misfit]:
        """Nothing where the check holds; else each key that is wrong by itself, or the first where none is."""
        own = {key: values[key] for key in self.reads}
        if self.holds(**own):
            return
        harmless = {blame.key: own.get(str(blame.harmless), blame.harmless) for blame in self.blames}
        wrong = [blame for blame in self.blames if not self.holds(**(own | harmless | {blame.key: own[blame.key]}))]
        for blame in wrong or self.blames[:1]:
            message = (blame.wrong if own[blame.key] else blame.missing) or blame.missing or blame.wrong
            allowed = blame.allowed or _allowed(blame, own)
            yield Misfit(blame.key, message, tuple(key for key in self.reads if key != blame.key), allowed)


def _allowed(blame: Blame, values: Mapping[str, Value]) -> str:
    """The range of a size: from 1 where it is missing, to the key that it may not exceed where there is one."""
    spec = fields()[blame.key]
    spec = spec._replace(minimum=spec.minimum if values[blame.key] else 1)
    return (spec._replace(maximum=float(values[blame.most])) if blame.most else spec).allowed


NEEDED_BY_LATENT = "is needed by latent attention"
NEEDED_BY_EXPERTS = "is needed by a mixture of experts"
STRUCTURE = (
    Rule(
        attention.check_head_groups,
        (Blame("n_kv_heads", "n_heads", wrong="does not divide the query heads", allowed="a divisor of n_heads"),),
    ),
    Rule(
        attention.check_latent_attention,
        (
            Blame("kv_lora_rank", 1, NEEDED_BY_LATENT),
            Blame("qk_rope_dim", 1, f"{NEEDED_BY_LATENT}, or qk_nope_dim is"),
            Blame("v_head_dim", 1, NEEDED_BY_LATENT),
        ),
    ),
    Rule(
        experts.check_experts,
        (
            Blame("experts_per_token", 1, NEEDED_BY_EXPERTS, "is more than the experts", most="n_experts"),
            Blame("expert_d_ff", 1, NEEDED_BY_EXPERTS),
            Blame("dense_layers", 0, wrong="is more than the layers", most="n_layers"),
        ),
    ),
    Rule(
        mask.check_window,
        (
            Blame("windowed_layers", "n_layers", "is needed by a window", "is more than the layers", most="n_layers"),
            Blame("attention_window", 1, "is needed by layers with a window"),
        ),
    ),
)
IMAGES = Rule(
    embedding.check_vision,
    (
        Blame("patch_size", "image_size", wrong="does not divide the image", allowed="a divisor of image_size"),
        Blame("attention_mask", "full", wrong="does not fit a vision transformer", allowed="full"),
    ),
)


def structure(values: Mapping[str, Value]) -> Iterator[Misfit]:
    """What of an architecture does not fit together."""
    for rule in STRUCTURE:
        yield from rule.misfits(values)
    wrong = list(of_workload(values, (spec for spec in fields().values() if spec.is_of_model)))
    yield from wrong or IMAGES.misfits(values)


def of_workload(values: Mapping[str, Value], specs: Iterable[Field]) -> Iterator[Misfit]:
    """Inputs that the workload needs and lacks, or that belong to another one."""
    workload = values["workload"]
    for spec in specs:
        value = values.get(spec.key)
        if spec.workload is None or value is None:
            continue
        if spec.workload != workload:
            if value not in (0, "no"):
                message = f"belongs to the workload {spec.workload}, and this one is {workload}"
                yield Misfit(spec.key, message, ("workload",), "0" if spec.is_number else "no")
        elif spec.needed is not None and float(value) < spec.needed and not _undisclosed(spec, values):
            message = "is too small" if value else f"is missing, for the workload is {workload}"
            yield Misfit(spec.key, message, ("workload",), spec.as_needed.allowed)


def _undisclosed(spec: Field, values: Mapping[str, Value]) -> bool:
    """Whether the key is of an architecture of text that is not disclosed: it has no vocabulary."""
    return spec.is_of_model and spec.workload == "text" and not values["n_layers"]
