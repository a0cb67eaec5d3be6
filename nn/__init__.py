"""Neurons, layers, losses and optimizers on top of `autograd`, with PyTorch's names."""
import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        "nn stands on chalkgrad's autograd, but another `autograd` was found (HIPS autograd has "
        "the same import name); install the two in separate environments")

from . import checkpoint, init
from .data import batches, one_hot
from .layers import MLP, Layer, Neuron, Sequential
from .losses import accuracy, cross_entropy, hinge, mean_squared_error, squared_error
from .module import Module
from .optim import SGD, Adam

__all__ = [
    "MLP", "SGD", "Adam", "Layer", "Module", "Neuron", "Sequential", "accuracy", "batches",
    "checkpoint", "cross_entropy", "hinge", "init", "mean_squared_error", "one_hot",
    "squared_error"]
