"""Optimizers: how a step is made of a gradient. Their state is theirs, not the parameters'."""
from __future__ import annotations

from collections.abc import Iterable

from autograd import Value
from autograd.graph import plain
from autograd.manners import counted
from autograd.ops import divide, sqrt

from .arguments import within


class Optimizer:
    """The base of optimizers: holds the parameters and forgets their gradients."""

    settings = ("lr",)  # the attributes that the repr shows

    def __init__(self, parameters: Iterable[Value], lr: float):
        name = type(self).__name__
        if isinstance(parameters, Value) or not hasattr(parameters, "__iter__"):
            raise TypeError(f"{name}: {type(parameters).__name__} is no list of parameters; "
                            "pass model.parameters()")
        self.parameters = list(parameters)
        self.lr = lr
        if not self.parameters:
            raise ValueError(f"{name}: no parameters; pass model.parameters()")
        for parameter in self.parameters:
            if not isinstance(parameter, Value):
                raise TypeError(f"{name}: {parameter!r} is not a Value; pass model.parameters()")
            if parameter.op is not None:
                raise ValueError(f"{name}: {parameter!r} was computed; only leaves can be trained")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError(f"{name}: a parameter is there twice and would move twice a step; "
                             "pass each once")

    @property
    def lr(self) -> float:
        """The learning rate; it may be changed between steps."""
        return self._lr

    @lr.setter
    def lr(self, new):
        self._lr = within("lr", new, 0, float("inf"))

    def __repr__(self):
        shown = [f"{name}={getattr(self, name)}" for name in self.settings
                 if name == "lr" or getattr(self, name)]
        count = sum(parameter.size for parameter in self.parameters)
        return f"{type(self).__name__}({', '.join(shown)}, {counted(count, 'parameter')})"

    def zero_grad(self) -> None:
        """Forget the gradients: the next backward starts from zero."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter once, along its gradient."""
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent, p ← p - lr · g, with the usual additions.

    momentum: v ← momentum · v + g, and the step is along v (Polyak 1964);
    nesterov: along g + momentum · v (Sutskever, Martens, Dahl and Hinton 2013, as in PyTorch);
    weight_decay: adds weight_decay · p to g, the gradient of an L2 penalty.

    >>> SGD([Value([1.0, 2.0])], lr=0.1, momentum=0.9)
    SGD(lr=0.1, momentum=0.9, 2 parameters)
    """

    settings = ("lr", "momentum", "nesterov", "weight_decay")

    def __init__(self, parameters: Iterable[Value], lr: float, momentum: float = 0.0,
                 nesterov: bool = False, weight_decay: float = 0.0):
        super().__init__(parameters, lr)
        self.momentum = within("momentum", momentum, 0, 1)
        self.nesterov = nesterov
        self.weight_decay = within("weight_decay", weight_decay, 0, float("inf"))
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov looks ahead along the momentum; give momentum > 0")
        self.velocities = [0.0] * len(self.parameters)

    def step(self) -> None:
        """p ← p - lr · g for every parameter."""
        for i, p in enumerate(self.parameters):
            g = plain(p.grad)  # a Value after backward(create_graph=True)
            if self.weight_decay:
                g = g + self.weight_decay * p.data
            if self.momentum:
                self.velocities[i] = self.momentum * self.velocities[i] + g
                g = g + self.momentum * self.velocities[i] if self.nesterov else self.velocities[i]
            p.data = p.data - self.lr * g


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square.

    Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1.

    >>> Adam([Value([1.0, 2.0])])
    Adam(lr=0.001, betas=(0.9, 0.999), eps=1e-08, 2 parameters)
    """

    settings = ("lr", "betas", "eps")

    def __init__(self, parameters: Iterable[Value], lr: float = 0.001,
                 betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8):
        super().__init__(parameters, lr)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"Adam: betas={betas!r} must be two numbers, e.g. (0.9, 0.999)")
        self.betas = tuple(within("beta", beta, 0, 1) for beta in betas)
        self.eps = within("eps", eps, 0, float("inf"))
        self.steps = 0
        self.means = [0.0] * len(self.parameters)
        self.squares = [0.0] * len(self.parameters)

    def step(self) -> None:
        """p ← p - lr · mean / (√square + eps), both means corrected for having started at 0.

        The corrections are taken together, as in section 2 of the paper: they are numbers, and so
        cost no pass over an array. (eps stands where algorithm 1 has it.)
        """
        self.steps += 1
        beta1, beta2 = self.betas
        root = (1 - beta2 ** self.steps) ** 0.5
        rate, eps = self.lr * root / (1 - beta1 ** self.steps), self.eps * root
        for i, p in enumerate(self.parameters):
            g = plain(p.grad)
            self.means[i] = self.means[i] - (1 - beta1) * (self.means[i] - g)
            self.squares[i] = self.squares[i] - (1 - beta2) * (self.squares[i] - g * g)
            p.data = p.data - rate * divide(self.means[i], sqrt(self.squares[i]) + eps)
