"""The pictures of docs/performance.md, in the style of the examples' figures."""
from pathlib import Path

from examples.plots import COLOURS, GREY, save

FIGURES = Path(__file__).parent.parent / "docs" / "figures"


class Bars:
    """A bar for each name, on a logarithmic scale: chalkgrad blue, by hand grey, others orange."""

    def __init__(self, numbers: dict, unit: str, title: str):
        self.numbers, self.unit, self.title = numbers, unit, title

    def draw(self, axes) -> None:
        names = sorted(self.numbers, key=self.numbers.get, reverse=True)
        numbers = [self.numbers[name] for name in names]
        colours = [GREY if "by hand" in name else COLOURS[0] if "chalkgrad" in name else COLOURS[1]
                   for name in names]
        axes.barh(range(len(names)), numbers, color=colours, log=True)
        axes.set_yticks(range(len(names)), names, fontsize=8)
        axes.set(xlabel=self.unit, xlim=(min(numbers) / 2, max(numbers) * 5))
        for place, number in enumerate(numbers):
            text = f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"
            axes.text(number * 1.1, place, text, va="center", fontsize=8)


def draw(name: str, *panels) -> None:
    """Draw the panels into docs/figures/performance_NAME.svg."""
    save(panels, str(FIGURES / f"performance_{name}.svg"))
