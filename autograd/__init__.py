"""chalkgrad's engine: a Value that builds a computation graph and differentiates it in reverse.

To read it, go in this order: `examples/by_hand.py` (the whole idea on scalars), `graph.py`, the
first section of `ops.py`, `backward.py`, `value.py`, the rest of `ops.py`, then `nn/`, and
`array.py` for the arrays underneath.

(HIPS autograd, another project, has the same import name. This is not it.)
"""
from .array import Array
from .graph import no_grad, primitive
from .ops import (
    exp, log, log_softmax, logsumexp, matmul, maximum, mean, permute_dims, relu, reshape, sigmoid,
    softmax, sqrt, tanh, where)
from .value import Value

__version__ = "0.1.0"
__all__ = [
    "Array", "Value", "exp", "log", "log_softmax", "logsumexp", "matmul", "maximum", "mean",
    "no_grad", "permute_dims", "primitive", "relu", "reshape", "sigmoid", "softmax", "sqrt",
    "tanh", "where"]
