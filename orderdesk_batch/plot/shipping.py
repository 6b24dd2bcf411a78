"""This file holds the plots of shipping: how long it takes, and what it costs."""

from __future__ import annotations

from typing import Any, Final

from .. import report
from ..extras import need
from . import style
from .orders import _columns

_MOST: Final = 4  # carriers with a panel of their own
_LONGEST: Final = 10  # days with a bar of their own


def shipping_time(orders: Any, shipments: Any, *, zone: str = "UTC", title: str = "") -> Any:
    """How many days orders take until they are shipped, a panel for each of the four busiest carriers.

    Args:
        orders, shipments: as `desk.export` gives them, of the same orders.
        zone: the time zone in which an order's day is meant.

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, or matplotlib is not installed.
    """
    times = _columns(report.shipping_time(orders, shipments, zone=zone))
    each = _columns(report.days_to_ship(orders, shipments, zone=zone))
    carriers = times["carrier"][:_MOST]
    said = "Share of each carrier's orders, by days from the order to its first shipment; light: the slowest tenth"
    if len(times["carrier"]) > _MOST:
        said += f"; {len(times['carrier']) - _MOST} more not shown"
    figure, axes = style.figure(
        title or "From order to shipment", said, height=3.6, columns=max(len(carriers), 1), sharey=True, squeeze=False
    )
    panels = axes[0]
    if not carriers:
        style.empty(panels[0], "No shipments")
        return figure
    longest = min(max(each["days"]), _LONGEST)
    with style.drawing():
        for place, (panel, carrier) in enumerate(zip(panels, carriers, strict=True)):
            days = [min(n, longest) for n, one in zip(each["days"], each["carrier"], strict=True) if one == carrier]
            shares = [days.count(n) / len(days) for n in range(longest + 1)]
            median, p90 = times["median_days"][place], times["p90_days"][place]
            panel.bar(
                range(longest + 1), shares, width=0.82, color=[style.BLUE if n <= p90 else style.PALE for n in range(longest + 1)]
            )
            panel.set_title(f"{carrier if len(carrier) <= 18 else carrier[:17] + '…'}\n\n", fontsize=10.5)
            said = f"median {median:.3g} days\n9 of 10 within {p90:.3g}"
            panel.text(0, 1.03, said, transform=panel.transAxes, fontsize=9, color=style.QUIET, linespacing=1.35)
            style.rule(panel)
            panel.yaxis.set_major_formatter(need("matplotlib.ticker").PercentFormatter(1.0, decimals=0))
            panel.set_xticks(range(0, longest + 1, 2 if longest > 6 else 1))
            if max(each["days"]) > longest and longest % 2 == 0:
                panel.set_xticklabels([*map(str, range(0, longest, 2 if longest > 6 else 1)), f"{longest}+"])
            panel.set_xlabel("Days")
        panels[0].set_ylabel("Share of orders")
    return figure


def shipping_cost(orders: Any, shipments: Any, *, currency: str = "", title: str = "") -> Any:
    """What a parcel costs against what buyers paid for it, a line for each carrier; the longer, the larger the gap.

    Args:
        orders, shipments: as `desk.export` gives them, of the same orders.
        currency: said on the axis: "USD".

    Returns:
        A matplotlib Figure.

    Raises:
        UsageError: a column is missing, or matplotlib is not installed.
    """
    found = _columns(report.shipping_cost(orders, shipments))
    unit = f" {currency}" if currency else ""
    rows = [
        (carrier, (parcels - unknown), cost, paid)
        for carrier, parcels, unknown, cost, paid in zip(
            found["carrier"], found["parcels"], found["without_cost"], found["cost"], found["paid"], strict=True
        )
        if parcels > unknown
    ]
    rows.sort(key=lambda row: (row[3] - row[2]) / row[1], reverse=True)
    balance = sum(row[3] - row[2] for row in rows)
    said = f"A parcel, on average; in all buyers paid {abs(balance):,.0f}{unit} {'more' if balance > 0 else 'less'} than shipping cost"
    figure, axes = style.figure(title or "Shipping: cost against paid", said, height=1.75 + 0.42 * max(len(rows), 2))
    if not rows:
        style.empty(axes, "No shipments with a cost")
        return figure
    with style.drawing():
        for place, (_, count, cost, paid) in enumerate(rows):
            axes.plot([paid / count, cost / count], [place, place], color="#9aa5b0", linewidth=2, zorder=1)
            gap = (paid - cost) / count
            axes.annotate(
                f"{gap:+.2f}".replace("-", "−"),
                (max(paid, cost) / count, place),
                (11, 0),
                textcoords="offset points",
                va="center",
            )
        places = range(len(rows))
        axes.scatter(
            [row[3] / row[1] for row in rows],
            places,
            s=62,
            facecolor="white",
            edgecolor=style.BLUE,
            linewidth=1.8,
            label="paid by the buyer",
            zorder=2,
        )
        axes.scatter([row[2] / row[1] for row in rows], places, s=66, color=style.DEEP, label="cost", zorder=2)
        axes.set_yticks(places, [f"{row[0]} ({row[1]:,})" for row in rows])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.set_xlim(left=0)
        axes.margins(x=0.12)
        style.rule(axes, "x")
        axes.set_xlabel(f"Per parcel{f' ({currency})' if currency else ''}; in brackets the number of parcels")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handletextpad=0.3)
    return figure
