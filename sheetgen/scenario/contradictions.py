"""What a single value cannot show: inputs of one case that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sheetgen.base.inputs import Value, fields
from sheetgen.catalogue import Accelerator

OF_TEXT = ("tokens", "context_length", "global_batch_tokens")
OF_IMAGES = ("images", "epochs", "global_batch_images")
"""What a run is given by, for each workload; the others are 0 then."""

VISION_SIZES = ("image_size", "patch_size", "image_channels", "n_classes")


class Contradiction(NamedTuple):
    """Inputs that do not fit: the one to look at first, what is wrong, and all that it rests on."""

    key: str
    message: str
    rests_on: tuple[str, ...]
    allowed: str | None = None


def needed_amount(key: str) -> str:
    """What is allowed for a key of :data:`OF_TEXT` or :data:`OF_IMAGES` in the run that needs it: from 1 on, of epochs
    any number above 0."""
    spec = fields()[key]
    if key == "epochs":
        return f"a number above 0 and at most {spec.shown(spec.maximum or 0)}"
    return spec._replace(minimum=1).allowed


def contradictions(inputs: Mapping[str, Value], accelerator: Accelerator | None) -> Iterator[Contradiction]:
    """Every contradiction between the inputs of one case."""
    precision, peak = str(inputs["precision"]), str(inputs["peak"])
    if accelerator is not None:
        peaks = accelerator.dense if peak == "dense" else accelerator.sparse
        typed = bool(inputs["typed_peak"])
        if typed and peak == "sparse":
            yield Contradiction("typed_peak", "is a dense peak, and the sparse one is selected", ("peak",), "0")
        if precision not in peaks and not (typed and peak == "dense"):
            emulates = f": it emulates {precision}" if accelerator.emulates == precision else ""
            message = f"the accelerator {accelerator.key} has no published {peak} peak for this precision{emulates}"
            yield Contradiction("precision", message, ("accelerator", "peak"), ", ".join(peaks) or "none")
    undisclosed = bool(inputs["undisclosed_parameters"])
    if undisclosed and inputs["n_layers"]:
        message = "is for a model without an architecture, and this one has layers"
        yield Contradiction("undisclosed_parameters", message, ("n_layers",), "0, or no architecture")
    for key in ("flops_convention", "mfu_convention"):
        convention = str(inputs[key])
        if convention == "published" and not inputs["published_training_flops"]:
            yield Contradiction(key, "needs published_training_flops", ("published_training_flops",))
        if convention in {"chinchilla", "megatron", "exact", "masked"} and undisclosed and not inputs["n_layers"]:
            message, allowed = "needs the architecture, which is undisclosed", "6nd, 8nt, published"
            yield Contradiction(key, message, ("undisclosed_parameters", "n_layers"), allowed)
    yield from _prices(inputs)
    yield from _workload(inputs)
    yield from _attention(inputs)
    yield from _window(inputs)
    if inputs["n_experts"]:
        yield from _experts(inputs)


def _prices(inputs: Mapping[str, Value]) -> Iterator[Contradiction]:
    """A tier that is used has a price, tiers are not more than all, and a conversion has its rate, date and source."""
    for tier in ("reserved", "spot"):
        if inputs[f"{tier}_share"] and not inputs[f"{tier}_price"]:
            yield Contradiction(f"{tier}_price", f"is needed by a {tier} share", (f"{tier}_share",), "a price above 0")
    if float(inputs["reserved_share"]) + float(inputs["spot_share"]) > 1:
        yield Contradiction("spot_share", "is more than the reserved share leaves", ("reserved_share",))
    quote = str(inputs["quote_currency"])
    if quote in {"as the budget", inputs["currency"]}:
        if inputs["exchange_rate"] != 1:
            message = "converts a currency into itself"
            yield Contradiction("exchange_rate", message, ("quote_currency",), "1, or another quote_currency")
        return
    if float(inputs["exchange_date"]) > float(inputs["as_of"]):
        message = "is needed by a quote in another currency"
        yield Contradiction("exchange_date", message, ("quote_currency",), "a date not after the as-of date")
    if inputs["exchange_source"] == "no conversion":
        yield Contradiction("exchange_source", "is needed by a quote in another currency", ("quote_currency",))


def _workload(inputs: Mapping[str, Value]) -> Iterator[Contradiction]:
    """A run of text is given by tokens, one of images by images; and each model by what it consists of."""
    vision = inputs["workload"] == "vision"
    mine, others = (OF_IMAGES, OF_TEXT) if vision else (OF_TEXT, OF_IMAGES)
    for key in mine:
        if not inputs[key]:
            yield Contradiction(key, "is missing", ("workload",), needed_amount(key))
        elif float(inputs[key]) < 1 and key != "epochs":
            yield Contradiction(key, "is too small", ("workload",), needed_amount(key))
    for key in others:
        if inputs[key]:
            yield Contradiction(key, f"does not belong to a run of {inputs['workload']}", ("workload",), "0")
    if not vision:
        for key in VISION_SIZES:
            if inputs[key]:
                yield Contradiction(key, "needs the workload vision", ("workload",), "0")
        return
    for key in VISION_SIZES:
        if not inputs[key]:
            yield Contradiction(key, "is needed by a vision transformer", ("workload",))
    if inputs["attention_mask"] == "causal":
        yield Contradiction("attention_mask", "does not fit a vision transformer", ("workload",), "full")
    if inputs["vocab_size"]:
        yield Contradiction("vocab_size", "does not belong to a vision transformer", ("workload",), "0")
    if inputs["patch_size"] and float(inputs["image_size"]) % float(inputs["patch_size"]):
        yield Contradiction("patch_size", "does not divide the image", ("image_size",))


def _window(inputs: Mapping[str, Value]) -> Iterator[Contradiction]:
    window, layers = float(inputs["attention_window"]), float(inputs["windowed_layers"])
    if window and not layers:
        yield Contradiction("windowed_layers", "is needed by a window", ("attention_window",))
    if layers and not window:
        yield Contradiction("attention_window", "is needed by layers with a window", ("windowed_layers",))
    if layers > float(inputs["n_layers"]):
        yield Contradiction("windowed_layers", "is more than the layers", ("n_layers", "attention_window"))
    documents, square = float(inputs["packed_documents"]), float(inputs["packed_mean_square"])
    length = _length(inputs)
    if documents and not length * length / documents * 0.999 <= documents * square <= length * length * 1.001:
        allowed = f"{length * length / documents / documents:.6g} to {length * length / documents:.6g}"
        message = "is not the mean squared length of so many documents that fill a context"
        rests_on = ("packed_documents", "context_length", "workload", "image_size", "patch_size", "class_token")
        yield Contradiction("packed_mean_square", message, rests_on, allowed)


def _length(inputs: Mapping[str, Value]) -> float:
    """Tokens of one sequence: the context, or the patches of an image and its class token."""
    if inputs["workload"] != "vision":
        return float(inputs["context_length"])
    patch = float(inputs["patch_size"])
    side = float(inputs["image_size"]) // patch if patch else 0.0
    return side * side + (inputs["class_token"] == "yes")  # noqa: S105 - a token of an image


def _attention(inputs: Mapping[str, Value]) -> Iterator[Contradiction]:
    heads, groups = float(inputs["n_heads"]), float(inputs["n_kv_heads"])
    if inputs["attention"] == "mla":
        for key in ("kv_lora_rank", "qk_rope_dim", "v_head_dim"):
            if not inputs[key]:
                yield Contradiction(key, "is needed by latent attention", ("attention",))
    elif (groups and heads % groups) or (heads and not groups):
        yield Contradiction("n_kv_heads", "does not divide the query heads", ("n_heads", "attention"))


def _experts(inputs: Mapping[str, Value]) -> Iterator[Contradiction]:
    if not inputs["expert_d_ff"]:
        yield Contradiction("expert_d_ff", "is needed by a mixture of experts", ("n_experts",))
    if not 1 <= float(inputs["experts_per_token"]) <= float(inputs["n_experts"]):
        yield Contradiction("experts_per_token", "is not possible", ("n_experts",), f"1 to {inputs['n_experts']}")
    if float(inputs["dense_layers"]) > float(inputs["n_layers"]):
        yield Contradiction("dense_layers", "is more than the layers", ("n_layers", "n_experts"))
