"""The category of each operation and of each torch module, and the header colours of the categories.

This is the only list of which operations are activations, poolings and so on. A new category is an entry of
``CATEGORIES`` and its line of ``_OPERATIONS``. Nothing is drawn here.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from models.errors import N_


@dataclass(frozen=True)
class Category:
    """title: English catalogue entry. light, dark: colour of a node's header by theme; text: colour of its title."""

    name: str
    title: str
    light: str
    dark: str
    text: str = "#ffffff"


CATEGORIES: dict[str, Category] = {
    category.name: category
    for category in (
        Category("layer", N_("Layer"), "#335588", "#335588"),
        Category("activation", N_("Activation"), "#702921", "#4b1b16"),
        Category("pool", N_("Pool"), "#335533", "#335533"),
        Category("normalization", N_("Normalization"), "#335544", "#335544"),
        Category("dropout", N_("Dropout"), "#454770", "#454770"),
        Category("shape", N_("Shape"), "#6c4f47", "#6c4f47"),
        Category("tensor", N_("Tensor"), "#593b42", "#593b42"),
        Category("transform", N_("Transform"), "#6b3f6e", "#5a355d"),
        Category("arithmetic", N_("Arithmetic"), "#1f6470", "#1b535d"),
        Category("quantization", N_("Quantization"), "#502800", "#502800"),
        Category("attention", N_("Attention"), "#783c00", "#783c00"),
        Category("control", N_("Control"), "#eeeeee", "#eeeeee", "#000000"),
        Category("constant", N_("Constant"), "#eeeeee", "#eeeeee", "#000000"),
        Category("module", N_("Module"), "#4a5568", "#475166"),
        Category("other", N_("Other"), "#333333", "#3d3d3d"),
    )
}

_OPERATIONS: dict[str, str] = {
    "layer": "Conv ConvTranspose ConvInteger DeformConv Gemm RNN LSTM GRU MatMul MatMulInteger Einsum",
    "activation": "Relu Sigmoid Tanh Softmax LogSoftmax Hardmax Clip Elu LeakyRelu PRelu ThresholdedRelu "
    "Gelu Selu Celu Softplus Softsign HardSigmoid HardSwish Swish Mish Shrink Erf",
    "pool": "MaxPool AveragePool LpPool GlobalMaxPool GlobalAveragePool GlobalLpPool MaxRoiPool RoiAlign MaxUnpool",
    "normalization": "BatchNormalization LayerNormalization InstanceNormalization GroupNormalization "
    "RMSNormalization LRN LpNormalization MeanVarianceNormalization SimplifiedLayerNormalization "
    "SkipLayerNormalization",
    "dropout": "Dropout",
    "shape": "Reshape Flatten Tile Expand Shape Size",
    "tensor": "Concat Slice Split Pad Resize Upsample ConcatFromSequence SequenceAt SequenceConstruct "
    "SequenceEmpty SequenceErase SequenceInsert SequenceLength SplitToSequence Trilu CenterCropPad",
    "transform": "Transpose Gather GatherElements GatherND Scatter ScatterElements ScatterND TensorScatter Squeeze "
    "Unsqueeze DepthToSpace SpaceToDepth Compress OneHot ReverseSequence Col2Im NonZero",
    "arithmetic": "Add Sub Mul Div Pow Cast CastLike BitCast Sum Mean Max Min Mod Abs Neg Ceil Floor Round "
    "Sign Sqrt Reciprocal Exp Log Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh ReduceSum ReduceMean "
    "ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceSumSquare ArgMax "
    "ArgMin TopK CumSum CumProd Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor Not BitShift "
    "BitwiseAnd BitwiseOr BitwiseXor BitwiseNot Where IsNaN IsInf Det",
    "quantization": "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearConv QLinearMatMul QLinearAdd",
    "attention": "Attention MultiHeadAttention RotaryEmbedding LinearAttention",
    "control": "If Loop Scan SequenceMap",
    "constant": "Constant ConstantOfShape EyeLike Range RandomNormal RandomNormalLike RandomUniform RandomUniformLike "
    "Bernoulli Multinomial",
}
_CATEGORY = {operation: name for name, operations in _OPERATIONS.items() for operation in operations.split()}
_CATEGORY_IN_LOWER_CASE = {operation.lower(): name for operation, name in _CATEGORY.items()}
# torch's modules that do not bear the name of the operation that they are exported as.
_TORCH_MODULES = {
    "linear": "layer",
    "avgpool": "pool",
    "adaptiveavgpool": "pool",
    "adaptivemaxpool": "pool",
    "batchnorm": "normalization",
    "instancenorm": "normalization",
    "layernorm": "normalization",
    "groupnorm": "normalization",
    "localresponsenorm": "normalization",
    "silu": "activation",
}


def category(op_type: str) -> str:
    """The category of an ONNX operation by name, ``other`` for an operation that is not in the table.

    >>> category("MatMul")
    'layer'
    """
    return _CATEGORY.get(op_type, "other")


def module_category(class_name: str) -> str:
    """The category of a torch module by the name of its class, ``other`` for one that becomes no single operation.

    >>> module_category("LeakyReLU"), module_category("MaxPool2d"), module_category("Sequential")
    ('activation', 'pool', 'other')
    """
    name = re.sub(r"[123]d$", "", class_name).lower()
    return _TORCH_MODULES.get(name) or _CATEGORY_IN_LOWER_CASE.get(name, "other")


def legend(names: Iterable[str]) -> tuple[Category, ...]:
    """The categories with these names, each once, in the order of ``CATEGORIES``."""
    present = set(names)
    return tuple(entry for entry in CATEGORIES.values() if entry.name in present)
