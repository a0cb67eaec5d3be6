"""The options of the examples on the command line: what each means, said once.

`read_options(__doc__, arguments, epochs=5, seed=0)` reads --epochs, --seed and --plot.
"""
import argparse
import os
import signal
import sys
from math import inf
from pathlib import Path


def number(kind, least, most=inf):
    """For argparse: what reads an int or a float from least to most."""
    def read(text):
        if not least <= kind(text) <= most:
            limits = f"from {least:g} " + ("up" if most == inf else f"to {most:g}")
            raise argparse.ArgumentTypeError(f"{text}: give a number {limits}")
        return kind(text)
    read.__name__ = kind.__name__
    return read


def figure_file(name: str) -> str:
    """The name, once a figure can be written there: asked before a run, not after it."""
    written = name if os.path.exists(name) else Path(name).parent
    if Path(name).suffix not in (".svg", ".png") or os.path.isdir(name) \
            or not os.access(written, os.W_OK):
        raise argparse.ArgumentTypeError(f"{name}: give a file .svg or .png in a folder that is "
                                         "there and may be written to")
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        sys.exit("--plot needs matplotlib, which is not installed: pip install matplotlib")
    return name


OPTIONS = {
    "expression": (str, "the surface, in x and y; put -- before one that begins with a minus"),
    "--compile": (bool, "run the program that is made of the first step, not record each"),
    "--count": (number(int, 1, 4000), "digits to train with"),
    "--depth": (number(int, 0), "hidden layers"),
    "--digit": (number(int, 0, 9), "to look at"),
    "--epochs": (number(int, 0), "rounds through the digits"),
    "--lr": (number(float, 0, 1e300), "learning rate"),
    "--points": (number(int, 2), "to part"),
    "--rates": (number(float, 0, 1e300), "learning rates to compare"),
    "--restarts": (number(int, 1), "descents from random places"),
    "--seed": (number(int, 0), "of the random numbers: the same seed makes the same run"),
    "--start": (number(float, -1e6, 1e6), "where the descent begins"),
    "--steps": (number(int, 1), "of gradient descent"),
    "--temperature": (number(float, 0.001), "below 1 likely letters become likelier still"),
    "--tolerance": (number(float, 0), "a slope that counts as 0"),
}


def short(x: float, sign="") -> str:
    """The number with four decimals, but 8e+300 for what would fill the screen."""
    return format(x, sign + (".4f" if abs(x) < 1e6 else ".3g"))


def read_options(doc: str, arguments, **defaults) -> argparse.Namespace:
    """The options of an example: those of which a default is given, and --plot FILE.

    A list stands for one number or more, a tuple for as many as it has, False for a switch.
    arguments: a list, or None for those of the command line.
    """
    parser = argparse.ArgumentParser(description=doc,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, (kind, meaning) in OPTIONS.items():
        default = defaults.get(flag.strip("-").replace("-", "_"))
        if default is False:
            parser.add_argument(flag, action="store_true", help=meaning)
        elif default is not None:
            nargs = len(default) if isinstance(default, tuple) else \
                {list: "+", str: "?"}.get(type(default))
            parser.add_argument(flag, type=kind, nargs=nargs, default=default,
                                help=f"{meaning} (default: %(default)s)")
    parser.add_argument("--plot", metavar="FILE", type=figure_file,
                        help="draw a figure too, .svg or .png (needs matplotlib)")
    if arguments is None:
        end_with_the_reader()
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not off: run with &
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback
    return parser.parse_args(arguments)


def end_with_the_reader() -> None:
    """Let `| head` end this program as it ends others, without a traceback."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
