"""This file holds `table`: a report as a table for eyes, dressed with great_tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ..errors import UsageError
from ..extras import need
from .columns import shown
from .style import BLUE, INK, LINE, PALE, QUIET


def table(
    frame: Any,
    title: str = "",
    subtitle: str = "",
    *,
    columns: Sequence[str] | Mapping[str, str] = (),
    bars: str = "",
    limit: int | None = None,
    currency: str = "",
) -> Any:
    """A frame of `report` as a table for eyes: right-aligned numbers, percentages, thousands.

    Args:
        frame: any frame that great_tables takes: pandas or polars.
        columns: which columns, in which order; a mapping gives them other headings too.
        bars: a column of numbers that is drawn as bars beside them.
        limit: how many rows are shown; how many more there are is said below.
        currency: the sign or code before amounts: "$", "EUR ".

    Returns:
        A great_tables.GT, to go on with or to show.

    Raises:
        UsageError: a column is not there, or great_tables is not installed.
    """
    great, nw = need("great_tables"), need("narwhals")
    whole = nw.from_native(frame, eager_only=True)
    wanted = list(columns) or list(whole.columns)
    if missing := [name for name in [*wanted, *([bars] if bars else [])] if name not in whole.columns]:
        raise UsageError(f"The table has no column {', '.join(missing)}. It has {', '.join(whole.columns)}.")
    part = whole.select(*wanted) if limit is None else whole.select(*wanted).head(limit)
    made = great.GT(nw.maybe_reset_index(part).to_native(), id=_id(title or "table"))
    labels = {}
    for name in wanted:
        column = shown(name, part[name].to_list())
        labels[name] = columns[name] if isinstance(columns, Mapping) else column.label
        made = made.sub_missing(columns=[name], missing_text="–")
        if column.sort == "text":
            made = made.cols_align("left", columns=[name])
            continue
        made = made.cols_align("right", columns=[name])
        if column.sort == "share":
            made = made.fmt_percent(columns=[name], decimals=column.decimals)
        elif column.sort == "day":
            made = made.fmt_date(columns=[name], date_style="day_m_year")
        elif column.sort == "time":
            made = made.fmt_datetime(columns=[name], date_style="day_m_year", time_style="iso-short")
        else:
            pattern = f"{currency}{{x}}" if column.sort == "money" and currency else "{x}"
            made = made.fmt_number(columns=[name], decimals=column.decimals, use_seps=True, pattern=pattern)
    if bars:
        made = _with_bars(made, great, part, bars)
    made = made.cols_label(**{name: great.html(_bold(label)) for name, label in labels.items()})
    if title:
        made = made.tab_header(title=great.html(f"<b>{escape(title)}</b>"), subtitle=subtitle or None)
    more = len(whole) - len(part)
    if more > 0:
        made = made.tab_source_note(f"… and {more:,} more")
    return _quiet(made)


def _with_bars(made: Any, great: Any, part: Any, name: str) -> Any:
    """The cells of a column with a bar behind the number, as long as the number is large."""
    values = [0.0 if value is None or value != value else max(float(value), 0.0) for value in part[name].to_list()]
    most = max(values, default=0.0) or 1.0
    for row, value in enumerate(values):
        end = f"{100 * value / most:.1f}%"
        css = f"background: linear-gradient(to right, {PALE} {end}, transparent {end}) no-repeat left center / 94% 58%;"
        made = made.tab_style(style=great.style.css(css), locations=great.loc.body(columns=name, rows=[row]))
    return made.cols_width({name: "170px"})


def _bold(label: str) -> str:
    return f'<span style="font-weight:600;color:{QUIET}">{escape(label)}</span>'


def _id(title: str) -> str:
    """The table's id in the page: the same each time, so that a notebook run again is the same file."""
    import hashlib

    return "od" + hashlib.sha256(title.encode()).hexdigest()[:10]


def _quiet(made: Any) -> Any:
    return made.opt_align_table_header("left").tab_options(
        table_font_size="14px",
        table_font_color=INK,
        table_border_top_style="none",
        table_border_bottom_style="none",
        heading_title_font_size="17px",
        heading_subtitle_font_size="13px",
        heading_border_bottom_color=BLUE,
        heading_border_bottom_width="2px",
        column_labels_border_top_style="none",
        column_labels_border_bottom_color=LINE,
        table_body_hlines_color=LINE,
        table_body_border_bottom_color=LINE,
        data_row_padding="5px",
        data_row_padding_horizontal="10px",
        column_labels_padding_horizontal="10px",
        source_notes_font_size="12px",
        table_margin_left="0px",
    )
