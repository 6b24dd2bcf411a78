"""This file holds the plots of orders: sales over time, the hours in which they come, and how old they are in their folders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from .. import report
from ..extras import need
from ..report.flow import BANDS, band_names
from . import style

_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WIDTHS: Final = {"day": 0.8, "week": 5.6, "month": 24.0}  # of bars, in days


def sales(orders: Any, *, by: str = "day", zone: str = "UTC", currency: str = "", title: str = "") -> Any:
    """Sales over time, a bar each day, week or month; by day with the mean of a week, which weekdays do not shake.

    The first and the last bar are hollow: their day, week or month may not be complete.

    Args:
        orders: as `desk.export("orders")` gives them.
        by: day, week or month.
        zone: the time zone whose days are meant.
        currency: said on the axis: "USD".

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, `by` is none of them, or matplotlib is not installed.
    """
    from ..errors import UsageError

    if by not in _WIDTHS:
        raise UsageError(f'by is "{by}"; write day, week or month.')
    found = _columns(report.sales(orders, by=by, zone=zone))
    starts, amounts = found[by], found["sales"]
    said = f"{sum(found['orders']):,} orders, {sum(amounts):,.0f}{f' {currency}' if currency else ''} in all; {by}s of {zone}"
    figure, axes = style.figure(title or f"Sales by {by}", said)
    if not starts:
        style.empty(axes, "No orders")
        return figure
    with style.drawing():
        width = _WIDTHS[by]
        shift = dt.timedelta(days={"day": 0.0, "week": 3.0, "month": 15.0}[by])  # a bar stands over its days
        at = [start + shift for start in starts]
        axes.bar(at[1:-1], amounts[1:-1], width=width, color=style.PALE if by == "day" else style.BLUE)
        for place in {0, len(at) - 1}:
            axes.bar(
                at[place : place + 1],
                amounts[place : place + 1],
                width=width * 0.97,
                facecolor="white",
                edgecolor="#7d99b5",
                linewidth=0.9,
            )
        if by == "day" and len(at) >= 14:
            mean = [sum(amounts[max(0, n - 6) : n + 1]) / 7 for n in range(len(amounts))]
            axes.plot(at[6:-1], mean[6:-1], color=style.DEEP, linewidth=2.2)  # the last day would pull it down
            axes.annotate(
                "mean of\n7 days",
                (at[-2], mean[-2]),
                (7, 3),
                textcoords="offset points",
                color=style.DEEP,
                va="bottom",
                fontsize=9,
            )
            axes.margins(x=0.02)
        style.rule(axes)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(f"Sales a {by}{f' ({currency})' if currency else ''}")
        dates = need("matplotlib.dates")
        if by == "month":
            axes.xaxis.set_major_formatter(dates.DateFormatter("%b %Y"))
            axes.set_xticks(at)
            axes.set_xlabel("Months (hollow bars: may not be complete)")
        else:
            axes.xaxis.set_major_locator(
                dates.WeekdayLocator(byweekday=dates.MO, interval=max(1, len(at) * (7 if by == "week" else 1) // 70))
            )
            axes.xaxis.set_major_formatter(dates.DateFormatter("%-d %b" if _has_dash() else "%d %b"))
            axes.set_xlabel("Mondays (hollow bars: may not be complete)")
    return figure


def _has_dash() -> bool:
    """Whether days can be written without a leading zero here; Windows can't."""
    try:
        return dt.date(2026, 1, 2).strftime("%-d") == "2"
    except ValueError:
        return False


def order_hours(orders: Any, *, zone: str = "UTC", title: str = "") -> Any:
    """When orders come: a heat map of weekdays and hours.

    Args:
        orders: as `desk.export("orders")` gives them.
        zone: the time zone whose clock is meant.

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, or matplotlib is not installed.
    """
    found = _columns(report.order_hours(orders, zone=zone))
    counts = found["orders"]
    grid = [counts[24 * n : 24 * (n + 1)] for n in range(7)]
    most = max(counts)
    place = counts.index(most)
    said = f"Orders by weekday and hour, clock of {zone}"
    if most:
        said += f"; the busiest: {_WEEKDAYS[place // 24]}s from {place % 24}:00, {most:,} order{'s' * (most != 1)}"
    figure, axes = style.figure(title or "When orders come", said, height=3.5)
    with style.drawing():
        shades = need("matplotlib.colors").LinearSegmentedColormap.from_list("od", style.SHADES)
        image = axes.imshow(grid, cmap=shades, aspect="auto", vmin=0, vmax=max(most, 1))
        axes.set_yticks(range(7), _WEEKDAYS)
        axes.set_xticks(range(0, 24, 2), [f"{hour}:00" for hour in range(0, 24, 2)])
        axes.set_xlabel("Hour in which the order came")
        axes.set_xticks([n - 0.5 for n in range(1, 24)], minor=True)
        axes.set_yticks([n - 0.5 for n in range(1, 7)], minor=True)
        axes.grid(which="minor", color="white", linewidth=1.6)
        axes.tick_params(which="both", length=0)
        axes.spines[:].set_visible(False)
        bar = figure.colorbar(image, ax=axes, pad=0.015, aspect=16)
        bar.outline.set_visible(False)
        bar.ax.tick_params(length=0)
        bar.ax.yaxis.set_major_locator(need("matplotlib.ticker").MaxNLocator(4, integer=True))
        bar.set_label("Orders")
    return figure


def folder_ages(
    orders: Any,
    *,
    now: dt.datetime | None = None,
    leave_out: Iterable[str] = ("Shipped", "Closed", "Cancelled", "Canceled"),
    title: str = "",
) -> Any:
    """How long orders have been lying in their folders: a bar for each folder, the older the darker.

    Args:
        orders: as `desk.export("orders")` gives them.
        now: the time to count from; a naive one is UTC.
        leave_out: folders that orders rest in.

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, or matplotlib is not installed.
    """
    found = _columns(report.folder_ages(orders, now=now))
    bands = band_names(BANDS)
    counts: dict[str, list[int]] = {}
    for folder, band, number in zip(found["folder"], found["band"], found["orders"], strict=True):
        if folder not in set(leave_out):
            counts.setdefault(folder, [0] * len(bands))[band] += number
    names = sorted(counts, key=lambda folder: sum(counts[folder]))
    old = sum(row[n] for row in counts.values() for n in range(3, len(bands)))
    said = f"Orders in work by folder and age; {old:,} of {sum(map(sum, counts.values())):,} are older than a week"
    figure, axes = style.figure(title or "How long orders have been waiting", said, height=1.7 + 0.42 * max(len(names), 2))
    if not names:
        style.empty(axes, "No orders in work")
        return figure
    with style.drawing():
        left = [0] * len(names)
        for band, label in enumerate(bands):
            row = [counts[name][band] for name in names]
            axes.barh(names, row, left=left, color=style.AGES[band], edgecolor="white", linewidth=0.8, label=label, height=0.62)
            left = [a + b for a, b in zip(left, row, strict=True)]
        for name, total in zip(names, left, strict=True):
            axes.annotate(f"{total:,}", (total, name), (5, 0), textcoords="offset points", va="center", color=style.INK)
        style.rule(axes, "x")
        axes.xaxis.set_major_locator(need("matplotlib.ticker").MaxNLocator(6, integer=True))
        axes.set_xlabel("Orders")
        axes.set_xlim(0, max(left) * 1.1)
        axes.legend(title="Age in days", loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.1, handleheight=1.1)
        axes.get_legend().set_alignment("left")
    return figure


def _columns(frame: Any) -> dict[str, list[Any]]:
    """The small frame of a report as plain lists."""
    nw = need("narwhals")
    held = nw.from_native(frame, eager_only=True)
    return {name: held[name].to_list() for name in held.columns}
