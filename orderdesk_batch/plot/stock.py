"""This file holds the plot of stock against sales."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from .. import report
from ..extras import need
from . import style
from .orders import _columns

_LINES: Final = (7, 30, 90)  # days that the stock lasts
_NAMED: Final = 10  # items that are named


def stock(
    inventory: Any, orders: Any, items: Any, *, within: int = 14, days: int = 30, now: dt.datetime | None = None, title: str = ""
) -> Any:
    """Stock against sales: each item a dot, what runs out within `within` days dark and named; lines tell how long the stock lasts.

    Args:
        inventory, orders, items: as `desk.export` gives them; the orders must reach back `days` days.
        within: days until it runs out.
        days: how far back the rate is taken from.
        now: the time to count from; a naive one is UTC.

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, or matplotlib is not installed.
    """
    found = _columns(report.days_left(inventory, orders, items, days=days, now=now))
    rows = [
        row for row in zip(found["code"], found["stock"], found["sold"], found["days_left"], strict=True) if row[2] and row[2] > 0
    ]
    low = [row for row in rows if row[3] <= within]
    idle = len(found["code"]) - len(rows)
    said = f"{len(low)} of {len(rows)} items that sell run out within {within} days; {idle} more did not sell in {days} days and are left out"
    figure, axes = style.figure(title or "Stock against sales", said, height=4.4)
    if not rows:
        style.empty(axes, f"Nothing was sold in {days} days")
        return figure
    with style.drawing():
        most_sold, most_held = max(row[2] for row in rows), max(max(row[1] for row in rows), 1)
        axes.set_xscale("log")
        axes.set_yscale("symlog", linthresh=1, linscale=0.5)  # an item that is sold out has a place too
        axes.set_xlim(min(row[2] for row in rows) * 0.8, most_sold * 1.45)
        axes.set_ylim(-0.12, most_held * 2.2)
        left, right = axes.get_xlim()
        for number in _LINES:
            rate = number / days
            axes.plot([left, right], [left * rate, right * rate], color="#b4bec8", linewidth=0.9, linestyle=(0, (5, 3)), zorder=1)
            at = min(right * 0.985, most_held * 1.45 / rate)
            axes.annotate(
                f"{number} days",
                (at, at * rate),
                (-3, 3),
                textcoords="offset points",
                ha="right",
                fontsize=8.5,
                color=style.QUIET,
            )
        axes.scatter(
            [row[2] for row in rows if row[3] > within],
            [row[1] for row in rows if row[3] > within],
            s=42,
            facecolor="white",
            edgecolor="#7d99b5",
            linewidth=1.3,
            zorder=2,
            label=f"lasts longer than {within} days",
        )
        axes.scatter(
            [row[2] for row in low],
            [max(row[1], 0) for row in low],
            s=46,
            color=style.DEEP,
            zorder=3,
            label=f"runs out within {within} days",
        )
        for code, held, sold, _ in sorted(low, key=lambda row: -row[2])[:_NAMED]:
            axes.annotate(
                code if len(code) <= 16 else code[:15] + "…",
                (sold, max(held, 0)),
                (7, -3),
                textcoords="offset points",
                fontsize=9,
            )
        ticker = need("matplotlib.ticker")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(ticker.FixedLocator([0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 100000]))
            axis.set_minor_locator(ticker.NullLocator())
            axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.grid(axis="both")
        axes.set_xlabel(f"Units sold in {days} days")
        axes.set_ylabel("Units in stock")
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, handletextpad=0.2, borderaxespad=0.1)
    return figure
