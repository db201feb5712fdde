"""Any valid scenario, for tests of properties: architectures, runs, prices and cases as hypothesis draws them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from sheetgen.base.inputs import fields, options
from sheetgen.catalogue import load_catalogue
from sheetgen.scenario.inherited import RESTS_ON

COUNTED = ("6nd", "kaplan", "chinchilla", "palm", "megatron", "exact", "8nt")


REQUEST: dict[str, Any] = {
    "scenario": "Drawn",
    "as_of": "2026-11-01",
    "requester": "A person",
    "purpose": "A property",
    "currency": "USD",
    "start_date": "2027-01-04",
    "price_tier": "on demand",
    "price_date": "2026-10-15",
    "price_source": "Planning rate",
}


def choice(name: str) -> st.SearchStrategy[str]:
    """One choice of a dropdown."""
    return st.sampled_from([option.value for option in options(name)])


def decimals(low: float, high: float) -> st.SearchStrategy[float]:
    """A figure as a person types it: six significant digits, in a million steps from low to high."""
    steps = 10**6
    return st.integers(0, steps).map(lambda step: min(high, float(f"{low + (high - low) * step / steps:.6g}")))


@st.composite
def architectures(draw: st.DrawFn) -> dict[str, Any]:
    """An inline model of text: from 100 M to some 600 B parameters, with parts of many families."""
    groups = draw(st.sampled_from([1, 2, 4, 8, 12]))
    heads = groups * draw(st.sampled_from([1, 2, 4, 8]))
    size = draw(st.sampled_from([64, 96, 128]))
    width = 64 * draw(st.integers(12, 256))
    layers = draw(st.integers(4, 130))
    parts = draw(st.sampled_from(["dense", "experts", "latent", "both"]))
    model = {
        "name": "drawn",
        "n_layers": layers,
        "d_model": width,
        "n_heads": heads,
        "n_kv_heads": groups,
        "head_dim": size,
        "d_ff": 32 * draw(st.integers(width // 32, width // 8)),
        "gated_ffn": draw(choice("yes_no")),
        "vocab_size": draw(st.integers(1_000, 260_000)),
        "tied_embeddings": draw(choice("yes_no")),
        "learned_positions": draw(st.sampled_from([0, 1024, 2048])),
        "qkv_bias": draw(choice("yes_no")),
        "attention_output_bias": draw(choice("yes_no")),
        "ffn_bias": draw(choice("yes_no")),
        "norm": draw(choice("norm")),
        "norms_per_layer": draw(st.integers(0, 4)),
        "qk_norm": draw(choice("qk_norm")),
        **(draw(experts(layers)) if parts in {"experts", "both"} else {}),
        **(draw(latent_attention()) if parts in {"latent", "both"} else {}),
        **(draw(windows(layers)) if draw(st.booleans()) else {}),
        **(draw(details()) if draw(st.booleans()) else {}),
        **(draw(other_heads()) if draw(st.integers(0, 2)) == 0 else {}),
    }
    return settled(settled(model))


def settled(model: dict[str, Any]) -> dict[str, Any]:
    """A model without what belongs to a part that it has not; twice, for a part may belong to another."""
    specs = fields()
    there = {key: spec.absent for key, spec in specs.items() if spec.is_of_model} | model
    idle = [key for key in model if key in specs and (part := specs[key].part_of) and not part.is_in(there)]
    return model | {key: specs[key].absent for key in idle}


@st.composite
def windows(draw: st.DrawFn, layers: int) -> dict[str, Any]:
    """Layers with a window, and what they see."""
    return {
        "attention_window": draw(st.sampled_from([1, 127, 512, 4096, 100_000])),
        "window_kind": draw(choice("window_kind")),
        "windowed_layers": draw(st.integers(1, layers)),
    }


@st.composite
def details(draw: st.DrawFn) -> dict[str, Any]:
    """Parts that few families have."""
    return {
        "position_embedding": draw(choice("position_embedding")),
        "token_types": draw(st.integers(0, 3)),
        "embedding_width": draw(st.sampled_from([0, 512, 1000])),
        "embedding_norm": draw(choice("yes_no")),
        "final_norm": draw(choice("yes_no")),
        "head_transform": draw(choice("yes_no")),
        "head_bias": draw(choice("yes_no")),
        "attention_mask": draw(choice("attention_mask")),
        "attention_sinks": draw(choice("yes_no")),
        "expert_bias": draw(choice("yes_no")),
        "mtp_layers": draw(st.integers(0, 2)),
        "mtp_logits": draw(choice("yes_no")),
    }


@st.composite
def vision_runs(draw: st.DrawFn) -> dict[str, Any]:
    """A vision transformer, of the catalogue or drawn, and the images that it is trained on."""
    key = draw(st.sampled_from(["vit-b-16", "vit-b-32", "vit-l-16", "vit-h-14"]))
    patch, width = draw(st.integers(4, 32)), 64 * draw(st.integers(4, 32))
    own = {
        "catalogue": key,
        "name": "drawn",
        "d_model": width,
        "d_ff": 4 * width,
        "patch_size": patch,
        "image_size": patch * draw(st.integers(1, 32)),
        "image_channels": draw(st.sampled_from([1, 3, 4])),
        "class_token": draw(choice("yes_no")),
        "n_classes": draw(st.integers(1, 22_000)),
    }
    return {
        "model": draw(st.sampled_from([key, own])),
        "images": draw(st.integers(10**5, 10**9)),
        "epochs": draw(decimals(0.5, 100)),
        "global_batch_images": draw(st.integers(16, 65_536)),
    }


@st.composite
def text_runs(draw: st.DrawFn) -> dict[str, Any]:
    """A model of text, of the catalogue or drawn, the tokens that it is trained on, and packed documents or none."""
    text = [key for key in load_catalogue().model_keys() if not key.startswith("vit-")]
    model = draw(st.one_of(architectures(), st.sampled_from(text)))
    longest = learned(model) or 8192
    context = min(draw(st.sampled_from([512, 1024, 2048, 4096, 8192])), longest)
    run = {
        "model": model,
        "tokens": draw(st.one_of(st.integers(10**9, 3 * 10**13), decimals(1e9, 3e13))),
        "context_length": context,
        "global_batch_tokens": draw(st.integers(10**4, 10**8)),
    }
    if draw(st.integers(0, 3)) == 0:
        documents = draw(st.sampled_from([1, 2, 4, 8]))
        spread = draw(st.sampled_from([1, 1, documents]))  # alike, or one that fills the sequence
        run |= {"packed_documents": documents, "packed_mean_square": (context / documents) ** 2 * spread}
    return run


def learned(model: str | dict[str, Any]) -> int:
    """Positions that a model has learned, behind which no token can stand; 0 where it learns none."""
    keys = load_catalogue().model(model).architecture() if isinstance(model, str) else model
    return int(keys["learned_positions"]) if keys.get("position_embedding", "learned") == "learned" else 0


@st.composite
def other_heads(draw: st.DrawFn) -> dict[str, Any]:
    """What stands behind the last layer, in place of scores of words."""
    kind = draw(st.sampled_from(["none", "pooler", "classes", "pooled_classes"]))
    scores = kind in {"classes", "pooled_classes"}
    found: dict[str, Any] = {"head": kind, "head_transform": "no", "mtp_layers": 0, "embedding_width": 0}
    if not scores:
        return found | {"head_bias": "no"}
    return found | {"n_classes": draw(st.integers(1, 1000)), "head_bias": draw(choice("yes_no"))}


@st.composite
def experts(draw: st.DrawFn, layers: int) -> dict[str, Any]:
    """The keys of a mixture of experts."""
    count = draw(st.integers(2, 256))
    return {
        "n_experts": count,
        "experts_per_token": draw(st.integers(1, min(count, 8))),
        "expert_d_ff": 32 * draw(st.integers(4, 256)),
        "shared_expert_d_ff": 32 * draw(st.integers(0, 256)),
        "shared_expert_gate": draw(choice("yes_no")),
        "router_bias": draw(choice("yes_no")),
        "dense_layers": draw(st.integers(0, layers)),
    }


@st.composite
def latent_attention(draw: st.DrawFn) -> dict[str, Any]:
    """The keys of multi-head latent attention."""
    return {
        "attention": "mla",
        "q_lora_rank": draw(st.sampled_from([0, 768, 1536])),
        "kv_lora_rank": draw(st.sampled_from([256, 512])),
        "qk_nope_dim": draw(st.sampled_from([0, 64, 128])),
        "qk_rope_dim": draw(st.sampled_from([32, 64])),
        "v_head_dim": draw(st.sampled_from([64, 128])),
    }


@st.composite
def accelerators(draw: st.DrawFn) -> dict[str, Any]:
    """An accelerator with a precision and a kind of peak that it has."""
    entry = draw(st.sampled_from(list(load_catalogue().accelerators.values())))
    peaks = [("dense", precision) for precision in entry.dense] + [("sparse", precision) for precision in entry.sparse]
    peak, precision = draw(st.sampled_from(peaks))
    return {"accelerator": entry.key, "precision": precision, "peak": peak}


@st.composite
def efficiencies(draw: st.DrawFn) -> dict[str, Any]:
    """An efficiency, given by one of its figures."""
    key, figure = draw(
        st.sampled_from(
            [
                ("stated_mfu", decimals(0.01, 0.6)),
                ("stated_flops_per_gpu", decimals(1e11, 4e14)),
                ("observed_tokens_per_second", decimals(10, 1e5)),
                ("observed_tokens_per_second_per_gpu", decimals(0.1, 1e3)),
                ("observed_sequences_per_second", decimals(0.01, 100)),
                ("observed_step_seconds", decimals(0.1, 1e4)),
                ("stated_hfu", decimals(0.01, 0.6)),
                ("stated_hardware_flops_per_gpu", decimals(1e11, 4e14)),
                ("observed_gpu_hours", decimals(1e3, 1e9)),
            ]
        )
    )
    return {key: draw(figure)}


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    """A scenario file's content: a base, and cases that override some of it."""
    published = draw(st.booleans())
    conventions = st.sampled_from([*COUNTED, "published"] if published else COUNTED)
    vision = draw(st.integers(0, 5)) == 0
    data = REQUEST | {
        **draw(vision_runs() if vision else text_runs()),
        "flops_convention": draw(conventions),
        "mfu_convention": draw(conventions),
        "recomputation": draw(choice("recomputation")),
        **draw(accelerators()),
        **draw(efficiencies()),
        "gpus": draw(st.integers(1, 50_000)),
        "goodput": draw(decimals(0.3, 1)),
        "price_per_gpu_hour": draw(decimals(0, 50)),
        "contingency": draw(decimals(0, 1)),
        "tax": draw(decimals(0, 0.5)),
    }
    if published:
        data["published_training_flops"] = draw(decimals(1e20, 1e26))
    overrides = st.fixed_dictionaries(
        {},
        optional={
            "gpus": st.integers(1, 50_000),
            "images" if vision else "tokens": decimals(1e9, 1e13),
            "goodput": decimals(0.3, 1),
            "flops_convention": conventions,
            "epochs" if vision else "global_batch_tokens": st.sampled_from([8192, 65_536]),
            "price_per_gpu_hour": decimals(0, 50),
        },
    )
    cases = draw(st.lists(overrides, max_size=3))
    fixed = {key for figure in RESTS_ON if figure in data for key in RESTS_ON[figure]}  # what figures were stated for
    cases = [{key: value for key, value in case.items() if key not in fixed} for case in cases]
    taken = {own.get(key) for own in (data, *cases) for key in ("flops_convention", "mfu_convention")}
    if "published" not in taken:
        data.pop("published_training_flops", None)  # a figure that nothing reads is refused
    data["cases"] = [{"name": f"Case {index}", **case} for index, case in enumerate(cases, start=2)]
    return data
