"""Parameters of a transformer, counted from its dimensions, and the memory that they take.

Symbols are those of :mod:`sheetgen.engine.architecture`. Weight shapes are those of the published model classes; beside
the sources of embedding, attention and experts: Radford et al. 2019 (GPT-2: biases, learned positions, tied head),
Devlin et al. 2019 (BERT: dense layer and bias at the head), Zhang et al. 2022 (OPT: head of another width),
DeepSeek-V3 (multi-token prediction).

``attention_*``, ``ffn_*``, ``norm_*`` and ``moe_*`` are of one layer of their kind, ``layer_*`` of one dense layer;
``matmul`` are weights in matrix products that a token meets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sheetgen.engine.architecture import Workload, YesNo
from sheetgen.engine.arithmetic import Number, close, divide
from sheetgen.engine.quantity import FAIL, REVIEW, check, quantity

if TYPE_CHECKING:
    from sheetgen.catalogue.accelerators import Accelerator

BYTES_PER_GB = 1e9


@quantity("parameter", "ba2016")
def norm_parameters(norms_per_layer: Number, norm_width: Number) -> Number:
    """Norms of width h of one layer."""
    return norms_per_layer * norm_width


@quantity("parameter", "vaswani2017")
def layer_parameters(attention_parameters: Number, ffn_parameters: Number, norm_parameters: Number) -> Number:
    """One dense layer."""
    return attention_parameters + ffn_parameters + norm_parameters


@quantity("parameter", "vaswani2017")
def layers_parameters(
    transformer_blocks: Number, attention_parameters: Number, norm_parameters: Number, dense_ffn_layers: Number,
    ffn_parameters: Number, moe_layers: Number, moe_ffn_parameters: Number,
) -> Number:  # fmt: skip
    """All layers, multi-token prediction modules included."""
    mixers = transformer_blocks * (attention_parameters + norm_parameters)
    return mixers + dense_ffn_layers * ffn_parameters + moe_layers * moe_ffn_parameters


@quantity("parameter", "deepseek-v3")
def mtp_parameters(mtp_layers: Number, d_model: Number, norm_width: Number) -> Number:
    """What multi-token prediction modules have beside their blocks: a projection 2·h → h and three norms each."""
    return mtp_layers * (2 * d_model * d_model + 3 * norm_width)


@quantity("parameter", "ba2016")
def final_norm_parameters(final_norm: YesNo, norm_width: Number) -> Number:
    """The norm behind the last layer, where there is one."""
    return norm_width if final_norm == "yes" else 0


@quantity("parameter", "devlin2019")
def head_transform_parameters(head_transform: YesNo, d_model: Number, norm_width: Number) -> Number:
    """The dense layer before the head (BERT): h² weights, h biases and a norm; 0 where there is none."""
    return d_model * d_model + d_model + norm_width if head_transform == "yes" else 0


@quantity("parameter", "opt-model")
def head_projection_parameters(embedding_projection_parameters: Number) -> Number:
    """The projection h → e before the head, as large as the one behind the embedding (OPT-350M)."""
    return embedding_projection_parameters


@quantity("vector", "vaswani2017", helper=True)
def head_rows(workload: Workload, vocab_size: Number, n_classes: Number) -> Number:
    """Words of the vocabulary, or classes of images, that the head scores."""
    return n_classes if workload == "vision" else vocab_size


@quantity("parameter", "vaswani2017", helper=True)
def head_weights(workload: Workload, head_rows: Number, d_model: Number, embedding_width_used: Number) -> Number:
    """The head's matrix, tied or not: V·e, or K·h for classes of images."""
    return head_rows * (d_model if workload == "vision" else embedding_width_used)


@quantity("parameter", "devlin2019")
def head_bias_parameters(head_bias: YesNo, head_rows: Number) -> Number:
    """Biases of the head: one a word or class, where there are any."""
    return head_rows if head_bias == "yes" else 0


@quantity("parameter", "press2017")
def lm_head_parameters(
    workload: Workload, tied_embeddings: YesNo, head_weights: Number, head_transform_parameters: Number,
    head_projection_parameters: Number, head_bias_parameters: Number,
) -> Number:  # fmt: skip
    """The head: dense layer, projection, bias, and a matrix of its own where it does not share the embedding's. Classes
    of images always have one."""
    own = head_weights if workload == "vision" or tied_embeddings == "no" else 0
    return own + head_transform_parameters + head_projection_parameters + head_bias_parameters


@quantity("parameter", "vaswani2017")
def counted_parameters(
    embedding_parameters: Number, layers_parameters: Number, mtp_parameters: Number, final_norm_parameters: Number,
    lm_head_parameters: Number,
) -> Number:  # fmt: skip
    """All parameters, counted from the architecture. A tied head counts once."""
    return embedding_parameters + layers_parameters + mtp_parameters + final_norm_parameters + lm_head_parameters


@quantity("parameter", "kaplan2020")
def parameters(counted_parameters: Number, undisclosed_parameters: Number) -> Number:
    """All parameters: counted, or as stated where the architecture is not published."""
    return undisclosed_parameters if undisclosed_parameters > 0 else counted_parameters


@quantity("parameter", "mixtral")
def active_parameters(
    counted_parameters: Number, inactive_parameters: Number, undisclosed_parameters: Number
) -> Number:
    """N, the parameters that a token meets: all without the routed experts that it does not meet (Mixtral,
    arXiv:2401.04088, section 2.1), or as stated."""
    return undisclosed_parameters if undisclosed_parameters > 0 else counted_parameters - inactive_parameters


@quantity("parameter", "kaplan2020")
def non_embedding_parameters(parameters: Number, embedding_parameters: Number, lm_head_parameters: Number) -> Number:
    """Parameters without embeddings and head, the N of Kaplan et al. 2020 (arXiv:2001.08361, section 2.1)."""
    return parameters - embedding_parameters - lm_head_parameters


@quantity("parameter", "kaplan2020")
def active_non_embedding_parameters(
    active_parameters: Number, embedding_parameters: Number, lm_head_parameters: Number
) -> Number:
    """The same of the active ones."""
    return active_parameters - embedding_parameters - lm_head_parameters


@quantity("parameter", "pytorch")
def layer_matmul_parameters(attention_matmul_parameters: Number, ffn_matmul_parameters: Number) -> Number:
    """Weights in matrix products, one dense layer."""
    return attention_matmul_parameters + ffn_matmul_parameters


@quantity("parameter", "pytorch")
def layers_matmul_parameters(
    transformer_blocks: Number, attention_matmul_parameters: Number, dense_ffn_layers: Number,
    ffn_matmul_parameters: Number, moe_layers: Number, moe_matmul_parameters: Number,
) -> Number:  # fmt: skip
    """Weights in matrix products that a token meets, all layers."""
    attention = transformer_blocks * attention_matmul_parameters
    return attention + dense_ffn_layers * ffn_matmul_parameters + moe_layers * moe_matmul_parameters


@quantity("parameter", "deepseek-v3")
def mtp_matmul_parameters(mtp_layers: Number, d_model: Number) -> Number:
    """The projections of the multi-token prediction modules: 2·h² each."""
    return mtp_layers * 2 * d_model * d_model


@quantity("parameter", "dosovitskiy2021")
def embedding_matmul_parameters(
    workload: Workload, patch_weights: Number, embedding_projection_parameters: Number
) -> Number:
    """What is multiplied at the input: patches of an image, or a projection; a look-up is no product."""
    return patch_weights if workload == "vision" else embedding_projection_parameters


@quantity("parameter", "pytorch")
def lm_head_matmul_parameters(
    workload: Workload, head_weights: Number, head_projection_parameters: Number, head_transform: YesNo, d_model: Number
) -> Number:
    """Weights that one pass of the head multiplies, the tied matrix included."""
    transform = d_model * d_model if head_transform == "yes" else 0
    if workload == "vision":
        return head_weights + transform
    return head_weights + head_projection_parameters + transform


@quantity("count", "megatron-code")
def head_passes(mtp_logits: YesNo, mtp_layers: Number) -> Number:
    """How often the head runs over a token: once, and once for each multi-token prediction module that reads logits."""
    return 1 + mtp_layers if mtp_logits == "yes" else 1


@quantity("parameter", "pytorch")
def matmul_parameters(
    layers_matmul_parameters: Number, mtp_matmul_parameters: Number, embedding_matmul_parameters: Number,
    lm_head_matmul_parameters: Number,
) -> Number:  # fmt: skip
    """W, all weights in matrix products that a token meets; a tied head is still a product."""
    layers = layers_matmul_parameters + mtp_matmul_parameters
    return layers + embedding_matmul_parameters + lm_head_matmul_parameters


@quantity("byte", "megatron-memory")
def state_bytes(parameters: Number, state_bytes_per_parameter: Number) -> Number:
    """Memory of the training state.

    The usual 18 bytes a parameter are bf16 weights 2, fp32 gradients 4, and the fp32 master weights, first and second
    moment of Adam 12 (Megatron-LM, ``theoretical_memory_usage.py``).
    """
    return parameters * state_bytes_per_parameter


@quantity("byte/GPU", "megatron-memory")
def state_bytes_per_gpu(state_bytes: Number, gpus: Number) -> Number:
    """The training state spread evenly over the GPUs."""
    return divide(state_bytes, gpus)


@quantity("byte/GPU", "accelerators")
def memory_per_gpu(accelerator_figures: Accelerator | None) -> Number:
    """Memory of one GPU; 0 where the accelerator is not listed, or lists none."""
    listed = None if accelerator_figures is None else accelerator_figures.memory_gb
    return 0 if listed is None else listed * BYTES_PER_GB


@quantity("parameter", helper=True)
def block_parameters(
    transformer_blocks: Number,
    attention_parameters: Number,
    norm_parameters: Number,
    dense_ffn_layers: Number,
    ffn_parameters: Number,
    moe_layers: Number,
    moe_ffn_parameters: Number,
) -> Number:
    """A second route to the layers and prediction modules: attention and norms of every block, and each kind of
    feed-forward part as often as there is."""
    layers = transformer_blocks * (attention_parameters + norm_parameters)
    return layers + (dense_ffn_layers * ffn_parameters + moe_layers * moe_ffn_parameters)


@check(FAIL)
def check_parameters_add_up(
    counted_parameters: Number,
    block_parameters: Number,
    mtp_parameters: Number,
    embedding_parameters: Number,
    final_norm_parameters: Number,
    lm_head_parameters: Number,
    check_tolerance: Number,
) -> bool:
    """The total is what its parts add up to."""
    parts = block_parameters + mtp_parameters + embedding_parameters + final_norm_parameters + lm_head_parameters
    return close(counted_parameters, parts, check_tolerance)


@check(FAIL)
def check_one_parameter_count(undisclosed_parameters: Number, counted_parameters: Number) -> bool:
    """The parameters are counted from an architecture or stated for an undisclosed one, not both."""
    return undisclosed_parameters == 0 or counted_parameters == 0


@check(REVIEW)
def check_memory(state_bytes_per_gpu: Number, memory_per_gpu: Number) -> bool:
    """Weights, gradients and optimizer state fit into the GPUs' memory; activations come on top."""
    return state_bytes_per_gpu <= memory_per_gpu
