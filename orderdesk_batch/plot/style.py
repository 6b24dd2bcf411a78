"""This file holds the one style of all plots: sizes, inks, and a figure that a notebook shows sharply.

Inks are told apart by how dark they are, so that a plot printed in grey says the same.
"""

from __future__ import annotations

import io
import warnings
from functools import cache
from typing import Any, Final

from ..extras import need

INK: Final = "#1b2733"
QUIET: Final = "#5b6875"
LINE: Final = "#dde3e8"
PALE: Final = "#b9d3ec"
BLUE: Final = "#0a5fb4"
DEEP: Final = "#083a70"
SHADES: Final = ("#eef4fa", "#cfe1f2", "#9cc3e6", "#5a9bd4", "#0a5fb4", "#062c57")  # light to dark, evenly
AGES: Final = ("#d5e4f3", "#b1cdea", "#84b0dc", "#4a8ac8", "#0a5fb4", "#062c57")  # the same, none of them nearly white

# Fonts that hold letters which the first one lacks; item codes and names come in any script.
_FONTS: Final = (
    "DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "Hiragino Sans",
    "PingFang SC", "Arial Unicode MS",
)  # fmt: skip
_DPI: Final = 100
_SHARP: Final = 2  # pixels of the picture for one of the screen's


@cache
def style() -> Any:
    """What is set in matplotlib while a plot is made and drawn; nothing stays set."""
    installed = {font.name for font in need("matplotlib.font_manager").fontManager.ttflist}
    return {
        "font.family": [name for name in _FONTS if name in installed] or ["sans-serif"],
        "font.size": 9.5,
        "text.color": INK,
        "text.parse_math": False,  # a code with a dollar sign is no formula
        "axes.labelcolor": QUIET,
        "axes.labelsize": 9.5,
        "axes.edgecolor": "#9aa5b0",
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "xtick.major.size": 3,
        "ytick.major.size": 0,
        "grid.color": LINE,
        "grid.linewidth": 0.8,
        "legend.frameon": False,
        "legend.fontsize": 9,
        "hatch.linewidth": 0.6,
        "pdf.fonttype": 42,
    }


@cache
def _chart() -> Any:
    """The class of our figures; made when the first one is needed, for matplotlib is heavy."""
    need("matplotlib")
    import matplotlib
    from matplotlib.figure import Figure

    class Chart(Figure):
        """A figure without pyplot: nothing of it stays in memory, and it needs no screen."""

        def draw(self, renderer: Any) -> None:
            """Draw it in the house's style, whatever is set elsewhere."""
            with matplotlib.rc_context(style()), warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a box stands in its place
                super().draw(renderer)

        def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
            held = io.BytesIO()
            self.savefig(held, format="png", dpi=_DPI * _SHARP, facecolor="white", metadata={"Software": None})
            # With a palette it is a third of the size, and looks the same: a plot has few inks.
            small = io.BytesIO()
            need("PIL.Image").open(held).convert("RGB").quantize(256, dither=0).save(small, format="png", optimize=True)
            width, height = (round(float(inches) * _DPI) for inches in self.get_size_inches())
            return small.getvalue(), {"width": width, "height": height}

    return Chart


def figure(
    title: str, subtitle: str, *, width: float = 8.0, height: float = 3.8, columns: int = 1, **options: Any
) -> tuple[Any, Any]:
    """A figure with its title, and its axes.

    Args:
        width, height: in inches; a hundred pixels of a screen each.
        columns: how many axes stand beside each other.
        options: what `Figure.subplots` takes besides.
    """
    with drawing():
        made = _chart()(figsize=(width, height), dpi=_DPI, layout="constrained")
        need("matplotlib.backends.backend_agg").FigureCanvasAgg(made)
        axes = made.subplots(1, columns, **options)
        # A title for each: matplotlib's own suptitle has one size and weight for both.
        made.get_layout_engine().set(rect=(0.008, 0.012, 0.984, 0.976 - 0.56 / height), wspace=0.04)
        made.text(0.012, 1 - 0.09 / height, title, fontsize=13, fontweight="bold", va="top")
        made.text(0.012, 1 - 0.34 / height, subtitle, fontsize=9.5, color=QUIET, va="top")
        made.set_facecolor("white")
    return made, axes


def drawing() -> Any:
    """The style, for as long as a `with` lasts."""
    return need("matplotlib").rc_context(style())


def rule(axes: Any, which: str = "y") -> None:
    """Quiet lines across, and thousands with a comma."""
    axes.grid(axis=which)
    ticker = need("matplotlib.ticker")
    along = axes.yaxis if which == "y" else axes.xaxis
    along.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.10g}"))


def empty(axes: Any, said: str) -> None:
    """What is shown where there is nothing to plot."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, said, ha="center", va="center", color=QUIET, fontsize=11, transform=axes.transAxes)
