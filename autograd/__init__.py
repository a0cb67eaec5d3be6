"""chalkgrad's engine: a Value that builds a computation graph and differentiates it in reverse.

To read it, go in this order: `examples/by_hand.py` (the whole idea on scalars), `graph.py`, the
first section of `ops.py`, `backward.py`, `value.py`, the rest of `ops.py`, `compositions.py` and
`functional.py`, then `nn/`, and `array.py`, `floats.py` and `kernels.py` for what is underneath.

(HIPS autograd, another project, has the same import name. This is not it.)
"""
from .array import Array, asarray
from .check import check_gradients
from .compile import compile
from .compositions import (
    clip, concat, einsum, expand_dims, flatten, flip, gelu, mean, outer, prod, repeat, roll, silu,
    split, square, squeeze, stack, std, sum, swapaxes, take, take_along_axis, tensordot, tile,
    trace, transpose, tril, triu, var, vecdot)
from .debug import detect_anomaly
from .draw import draw
from .explain import explain
from .functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from .graph import primitive
from .latex import latex, latex_gradient
from .mermaid import mermaid
from .ops import (
    abs, acos, argmax, argmin, asin, atan, broadcast_to, cos, cosh, cumulative_sum, elu,
    erf, exp, expm1, leaky_relu, linear, log, log1p, log2, log_softmax, logsumexp, matmul,
    max, maximum, min, minimum, norm, permute_dims, relu, reshape, sigmoid, sign, sin, sinh,
    softmax, softplus, sqrt, tan, tanh, where)
from .recording import no_grad
from .value import Value
from .walkthrough import walkthrough

cat = concatenate = concat  # PyTorch's and NumPy's names
unsqueeze = expand_dims

__version__ = "0.1.0"
__all__ = [
    "Array", "Value", "abs", "acos", "argmax", "argmin", "asarray", "asin", "atan", "broadcast_to",
    "cat", "check_gradients", "clip", "compile", "concat", "concatenate", "cos", "cosh",
    "cumulative_sum", "detect_anomaly", "draw", "einsum", "elu", "erf", "exp", "expand_dims",
    "explain", "expm1", "flatten", "flip", "gelu", "grad", "hessian", "hvp", "jacobian", "jvp",
    "latex", "latex_gradient", "leaky_relu", "linear", "log", "log1p", "log2", "log_softmax",
    "logsumexp", "matmul", "max", "maximum", "mean", "mermaid", "min", "minimum", "no_grad", "norm",
    "outer", "permute_dims", "primitive", "prod", "relu", "repeat", "reshape", "roll", "sigmoid",
    "sign", "silu", "sin", "sinh", "softmax", "softplus", "split", "sqrt", "square", "squeeze",
    "stack", "std", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh", "tensordot",
    "tile", "trace", "transpose", "tril", "triu", "unsqueeze", "value_and_grad", "var", "vecdot",
    "vjp", "walkthrough", "where"]
