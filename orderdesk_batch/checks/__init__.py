"""Checks: the cells of a sheet become values, and all that is wrong with them is said in one pass.

Each cell is parsed by its kind first; pandera then checks the typed columns, since with pandera
coercing one bad cell hides the other findings of its column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .checked import Bad as Bad
from .checked import Checked as Checked
from .checked import Options as Options
from .checked import Row as Row
from .schemas import schema as schema
from .schemas import schemas as schemas

if TYPE_CHECKING:
    from ..fields import Resource
    from ..sheets.sheet import Sheet


def check(sheet: Sheet, resource: Resource, options: Options | None = None) -> Checked:
    """Read every cell of a sheet as a value, and find all that is wrong.

    Raises:
        UsageError: the options name a column, a field or a word that there is not.
    """
    from .checking import Checking

    return Checking(sheet, resource, options or Options()).checked
