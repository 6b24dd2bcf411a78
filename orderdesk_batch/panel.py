"""This file holds Panel: a sheet chosen, planned, uploaded and taken back with the mouse, in a notebook or as a page of its own.

It asks before it sends by showing the plan: nothing leaves before its button is pressed. Each widget is an
attribute, so that tests, and notebooks with ideas of their own, can drive it.
"""

from __future__ import annotations

import base64
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final, Protocol

from .errors import OrderDeskBatchError
from .extras import need
from .notebook import bars, pictures
from .plan import Plan
from .show import words
from .show.page import escaped

RESOURCES: Final = (
    ("Tracking numbers (shipments)", "shipments"), ("Stock and items (inventory)", "inventory"), ("Orders", "orders"),
    ("Items of orders", "items"),
)  # fmt: skip
ACCEPTED: Final = ".csv,.tsv,.txt,.xlsx,.xlsm,.xls,.xlsb,.ods"
_WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Working(Protocol):
    """What a panel needs of a Desk, which is a floor above."""

    progress: Any

    def settings(self) -> dict[str, Any]: ...
    def plan(self, resource: str, sheet: Any, **options: Any) -> Plan: ...
    def apply(self, run: Any, **options: Any) -> Plan: ...
    def resume(self, run: Any, **options: Any) -> Plan: ...
    def plan_undo(self, run: Any) -> Plan: ...


class Panel:
    """Choose a sheet, see its problems or its plan, upload it, watch the bar, download the results, take it back.

    Attributes:
        resource, chooser, leave_out, force: what is asked for: a list, a file, two boxes to tick.
        upload, go_on, take_back, confirm, cancel: buttons; those that make no sense now are hidden.
        bar, said, shown, files: how far it has come, a sentence, a picture, files to download.
        plan: the plan that is shown; None before a sheet is chosen.
        box: all of it, as one widget.
    """

    def __init__(self, desk: Working, resource: str = "shipments") -> None:
        w = need("ipywidgets")
        self.desk = desk
        self.plan: Plan | None = None
        self._sheet: Path | None = None
        self._done: str | None = None  # the run that can be taken back
        self._scratch = tempfile.TemporaryDirectory(prefix="orderdesk-panel-", ignore_cleanup_errors=True)
        wide = {"description_width": "initial"}
        self.resource = w.Dropdown(options=RESOURCES, value=resource, description="What is in the sheet", style=wide, layout={"width": "26rem"})
        self.chooser = w.FileUpload(accept=ACCEPTED, multiple=False, description="Choose a sheet", layout={"width": "12rem"})
        self.leave_out = w.Checkbox(
            description="Leave the bad rows out, upload the others", indent=False, layout={"width": "auto"}
        )
        self.force = w.Checkbox(
            description="I have looked at it: go past the safety limit", indent=False, layout={"width": "auto"}
        )
        self.upload = self._button("Upload", "primary", self._upload)
        self.go_on = self._button("Go on", "primary", self._resume)
        self.take_back = self._button("Take it back …", "", self._plan_undo)
        self.confirm = self._button("Yes, take it back", "warning", self._undo)
        self.cancel = self._button("No, leave it", "", self._leave)
        self.bar = w.IntProgress(layout={"width": "20rem"})
        self.said = w.HTML()
        self.shown = w.HTML(layout={"width": "100%"})
        self.files = w.HTML()
        self.box = w.VBox(
            [
                w.HTML(self._title()),
                w.HBox([self.resource, self.chooser], layout={"flex_flow": "row wrap", "align_items": "center"}),
                w.VBox([self.leave_out, self.force]),
                w.HBox([self.upload, self.go_on, self.take_back, self.confirm, self.cancel, self.bar, self.said],
                       layout={"flex_flow": "row wrap", "align_items": "center"}),
                self.files,
                self.shown,
            ],
            layout={"max_width": "70rem", "padding": "0 0 1rem 0"},
        )  # fmt: skip
        self._offer()
        self._hide(self.bar)
        self.chooser.observe(self._chosen, names="value")
        self.resource.observe(self._changed, names="value")
        self.leave_out.observe(self._changed, names="value")
        self.force.observe(self._changed, names="value")

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("Panel()")

    # -- what is pressed --------------------------------------------------------------------------

    def _chosen(self, change: Any) -> None:
        """A file was chosen: keep it, and plan it."""
        if not change["new"]:
            return
        one = change["new"][0]
        # The name comes from a browser, of any system; a sheet keeps its name, for it is in every message.
        name = PureWindowsPath(PurePosixPath(str(one["name"])).name).name.strip().lstrip(".") or "sheet.csv"
        folder = Path(tempfile.mkdtemp(dir=self._scratch.name))
        self._sheet = folder / name
        self._sheet.write_bytes(bytes(one["content"]))
        with self._quietly():
            self.leave_out.value = self.force.value = False
        self._make_plan()

    def _changed(self, _: Any) -> None:
        if self._sheet is not None and (self.plan is None or not self.plan.sent):
            self._make_plan()

    def _make_plan(self) -> None:
        sheet = self._sheet
        assert sheet is not None
        self.plan, self._done = None, None

        def work() -> None:
            self.plan = self.desk.plan(
                self.resource.value, sheet, skip_bad_rows=self.leave_out.value, force=self.force.value,
                problems=sheet.with_name(f"{sheet.stem}.problems.xlsx"),
            )  # fmt: skip
            self._show(self.plan)
            self._say(self._state(self.plan))

        self._do("Reading", work)

    def _upload(self, _: Any) -> None:
        plan, sheet = self.plan, self._sheet
        if plan is None or plan.run is None or sheet is None:
            return
        self._send(
            lambda: self.desk.apply(
                plan.run, yes=True, force=self.force.value, results=sheet.with_name(f"{sheet.stem}.results.xlsx")
            )
        )

    def _resume(self, _: Any) -> None:
        plan = self.plan
        if plan is not None and plan.run is not None:
            self._send(lambda: self.desk.resume(plan.run, yes=True))

    def _send(self, verb: Callable[[], Plan]) -> None:
        def work() -> None:
            self.plan = verb()
            self._done = self.plan.run if self.plan.results["done"] else None
            self._show(self.plan)
            left = sum(count for name, count in self.plan.results.items() if name != "done")
            self._say(
                str(self.plan.halted) if self.plan.halted else f"{words.many(left, 'change')} not done." if left else "Done."
            )

        self._do("Sending", work)

    def _plan_undo(self, _: Any) -> None:
        run = self._done
        if run is None:
            return

        def work() -> None:
            self.plan = self.desk.plan_undo(run)
            self._show(self.plan)
            self._say("Nothing is left to take back." if self.plan.is_empty() else self.plan.unsafe)

        self._do("Reading", work)

    def _undo(self, _: Any) -> None:
        plan = self.plan
        if plan is None or plan.run is None or not plan.undoes:
            return

        def work() -> None:
            self.plan = self.desk.apply(plan.run, yes=True, force=True)  # its limit was shown with the question
            self._show(self.plan)
            self._say("Taken back." if self.plan.exit_code == 0 else "Not everything could be taken back.")
            if self.plan.exit_code == 0:
                self._done = None

        self._do("Sending", work)

    def _leave(self, _: Any) -> None:
        self.plan = None
        self.shown.value = ""
        self._say("Left as it is.")
        self._offer()

    # -- what is seen -------------------------------------------------------------------------------

    def _show(self, plan: Plan) -> None:
        self.shown.value = self._without_folder(pictures.plan(plan))
        links = [("the results", plan.results_file), ("the bad rows, to mend", plan.problems_file)]
        self.files.value = " ".join(_link(said, Path(path)) for said, path in links if path)

    def _state(self, plan: Plan) -> str:
        """What stands in the way of sending, in a sentence."""
        if plan.errors and plan.run is None:
            bad = len({problem.row for problem in plan.errors} - {None})
            return f"{words.many(bad, 'row')} to mend before anything is sent." if bad else "This sheet can't be uploaded."
        return plan.unsafe or ("Nothing to do." if plan.is_empty() else "")

    def _offer(self) -> None:
        """Show the buttons that make sense now."""
        plan = self.plan
        fresh = plan is not None and not plan.sent and not plan.undoes
        undoing = plan is not None and not plan.sent and bool(plan.undoes)
        ready = plan is not None and plan.run is not None and not plan.is_empty()
        left = plan is not None and plan.sent and not plan.undoes and bool(plan.results["waiting"] or plan.results["unknown"])
        self._hide(self.leave_out, unless=fresh and plan is not None and bool(plan.errors) and not plan.hopeless)
        self._hide(self.force, unless=fresh and plan is not None and bool(plan.unsafe or self.force.value))
        self._hide(self.upload, unless=fresh and ready)
        self.upload.disabled = bool(plan is not None and plan.unsafe)
        if plan is not None and fresh:
            self.upload.description = f"Upload {words.many(sum(1 for _ in plan.writing()), 'change')}"
        self._hide(self.go_on, unless=left)
        self._hide(self.take_back, unless=self._done is not None and not undoing)
        self._hide(self.confirm, unless=undoing and ready)
        self._hide(self.cancel, unless=undoing and ready)

    def _title(self) -> str:
        try:
            held = self.desk.settings()
        except OrderDeskBatchError as error:
            return f"<b>{escaped(str(error))}</b>"
        return f"<b style='font-size: 1.2rem'>Upload to {escaped(held['name'] or 'the store')}</b> <span>(store {escaped(held['id'])})</span>"

    def _say(self, sentence: str) -> None:
        self.said.value = self._without_folder(escaped(sentence))

    def _without_folder(self, html: str) -> str:
        """Texts name the sheet by its path; where we keep it is of no use to anybody."""
        return html if self._sheet is None else html.replace(escaped(str(self._sheet.parent) + os.sep), "")

    # -- how it is done -----------------------------------------------------------------------------

    def _do(self, doing: str, work: Callable[[], None]) -> None:
        """Do something that takes time: with a bar, without buttons, and with its error as a sentence."""
        self._say(f"{doing} …")
        for widget in (self.upload, self.go_on, self.take_back, self.confirm, self.cancel, self.resource, self.chooser):
            widget.disabled = True
        told, self.desk.progress = self.desk.progress, self._tell
        try:
            work()
        except OrderDeskBatchError as error:
            self._say(str(error))
            self.shown.value = ""
        finally:
            self.desk.progress = told
            self._hide(self.bar)
            for widget in (self.go_on, self.take_back, self.confirm, self.cancel, self.resource, self.chooser):
                widget.disabled = False
            self._offer()

    def _tell(self, state: bars.State) -> None:
        self._hide(self.bar, unless=True)
        self.bar.max, self.bar.value = max(state.total, 1), state.done
        self._say(bars.words(state, ended=False))

    def _button(self, said: str, style: str, press: Callable[[Any], None]) -> Any:
        made = need("ipywidgets").Button(description=said, button_style=style, layout={"width": "auto"})
        made.on_click(press)
        return made

    def _hide(self, widget: Any, *, unless: bool = False) -> None:
        widget.layout.display = None if unless else "none"

    @contextlib.contextmanager
    def _quietly(self) -> Iterator[None]:
        """Set boxes without a plan being made for each."""
        kept, self._sheet = self._sheet, None
        try:
            yield
        finally:
            self._sheet = kept


def _link(said: str, path: Path) -> str:
    """A link that holds the file itself: a hub's server gives no other way to it."""
    if not path.is_file():
        return ""
    held = base64.b64encode(path.read_bytes()).decode()
    kind = _WORKBOOK if path.suffix == ".xlsx" else "application/octet-stream"
    return (
        f'<a download="{escaped(path.name)}" href="data:{kind};base64,{held}" style="margin-right: 1.5rem; text-decoration: underline">'
        f"Download {said}: {escaped(path.name)}</a>"
    )
