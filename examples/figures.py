"""Draw the figures of the course, docs/figures/NAME.svg: one for each example, as its page shows.

    python -m examples.figures
    python -m examples.figures one_slope costs
"""
import argparse
from importlib import import_module
from pathlib import Path

COURSE = ["one_slope", "surface", "learning_rate", "local_minima", "perceptron", "costs",
          "vanishing", "what_it_learned", "confident_nonsense", "memorising", "optimizers", "names"]
FIGURES = Path(__file__).resolve().parents[1] / "docs" / "figures"


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of {', '.join(COURSE)}; all of them if left out")
    names = parser.parse_args(arguments).names
    if not set(names) <= set(COURSE):
        parser.error(f"no figure is called {', '.join(set(names) - set(COURSE))}; see --help")
    for name in names or COURSE:
        import_module(f"examples.{name}").main(["--plot", str(FIGURES / f"{name}.svg")])


if __name__ == "__main__":
    main()
