"""What the functions of nn are given: made sure of, and named in errors."""
from __future__ import annotations

from numbers import Integral, Real
from operator import index
from random import Random


def within(name: str, number: Real, low: float, high: float) -> float:
    """The number as a float, once low <= number < high; ValueError otherwise (nan included)."""
    if isinstance(number, bool) or not isinstance(number, Real):
        raise TypeError(f"{name} = {number!r}; it must be a plain number in [{low}, {high})")
    try:
        fits = low <= float(number) < high
    except OverflowError:  # an int beyond the floats
        fits = False
    if not fits:
        raise ValueError(f"{name} = {number!r:.40}; it must be in [{low}, {high})")
    return float(number)


def positive_count(name: str, count: int) -> int:
    """The count as an int, once it is a whole number from 1 up; ValueError otherwise."""
    try:
        number = 0 if isinstance(count, bool) else index(count)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(f"{name} {count!r}; it must be a whole number from 1 up")
    return number


def generator(name: str, rng: Random | None) -> Random:
    """The rng, or for None a new one; TypeError for anything else, such as a seed."""
    if rng is not None and not isinstance(rng, Random):
        raise TypeError(f"{name}: rng={rng!r} must be a random.Random, e.g. Random(0)")
    return rng or Random()


def check_list_of_labels(name: str, labels) -> None:
    """Raise TypeError for what holds no labels in an order, such as a number or a set."""
    if not hasattr(labels, "__iter__") or getattr(labels, "shape", None) == () \
            or isinstance(labels, (set, dict)):
        raise TypeError(f"{name}: labels {labels!r:.40}; give a list, an int for each example")


def checked_label(name: str, label: int, classes: int) -> int:
    """The label as an int, once it is one from 0 up and below the number of classes."""
    if isinstance(label, bool) or not isinstance(label, Integral):
        raise TypeError(f"{name}: label {label!r} is not an int; give the place of the class, from "
                        "0 up")
    if not 0 <= label < classes:
        raise ValueError(f"{name}: label {label} is out of range for {classes} classes; use 0 to "
                         f"{classes - 1}")
    return int(label)
