"""A surface as somebody types it, "x**2 + sin(y)": the text is parsed, never run as Python."""
import ast
from math import e, pi

from autograd import Value, ops

OPERATORS = {ast.Add: ops.add, ast.Sub: ops.subtract, ast.Mult: ops.multiply, ast.Div: ops.divide,
             ast.Pow: ops.pow, ast.USub: ops.negative, ast.UAdd: ops.positive}
FUNCTIONS = {name: getattr(ops, name) for name in (
    "abs", "atan", "cos", "cosh", "exp", "log", "relu", "sigmoid", "sin", "sqrt", "tan", "tanh")}


def surface(text):
    """The function J(w) that an expression of x = w[0] and y = w[1] describes.

    w: two numbers, or a Value of two. Raises ValueError for anything that is no such expression.

    >>> surface("x**2 + sin(y)")([3.0, 0.0])
    9.0
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body if len(text) <= 200 else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        tree = None

    def result(node, known):
        operation = OPERATORS.get(type(getattr(node, "op", None)))
        if operation and isinstance(node, ast.BinOp):
            return operation(result(node.left, known), result(node.right, known))
        if operation and isinstance(node, ast.UnaryOp):
            return operation(result(node.operand, known))
        if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords \
                and getattr(node.func, "id", None) in FUNCTIONS:
            return FUNCTIONS[node.func.id](result(node.args[0], known))
        if isinstance(node, ast.Name) and node.id in known:
            return known[node.id]
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return float(node.value)
        raise ValueError(f"{text[:60]!r} is no expression of x and y; give 200 characters at most "
                         f"of x, y, e, pi, numbers, + - * / ** and {', '.join(FUNCTIONS)}")

    def J(w):
        return result(tree, {"x": w[0], "y": w[1], "e": e, "pi": pi})
    if not isinstance(J(Value([1.0, 1.0])), Value):  # what is wrong with the text is said now
        raise ValueError(f"{text!r} depends neither on x nor on y, so there is nothing to descend")
    return J
