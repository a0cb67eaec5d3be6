"""Neurons, layers, losses and optimizers on top of `autograd`, with PyTorch's names."""
import autograd

if not hasattr(autograd, "Value"):
    raise ImportError(
        "nn stands on chalkgrad's autograd, but another `autograd` was found (HIPS autograd has "
        "the same import name); install the two in separate environments")

from . import checkpoint, init, neurons
from .data import batches, one_hot
from .layers import MLP, Layer, Neuron, Sequential
from .losses import (
    accuracy, binary_cross_entropy_with_logits, cross_entropy, hinge, huber, mean_squared_error,
    squared_error)
from .module import Module
from .optim import SGD, Adam

__all__ = [
    "MLP", "SGD", "Adam", "Layer", "Module", "Neuron", "Sequential", "accuracy", "batches",
    "binary_cross_entropy_with_logits", "checkpoint", "cross_entropy", "hinge", "huber", "init",
    "mean_squared_error", "neurons", "one_hot", "squared_error"]
