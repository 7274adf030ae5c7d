"""The second wall between people: a statement that forgets ``user_id`` is refused before it is sent.

Every table belongs to people, unless ``SHARED`` says that it does not. A statement may touch one when
each occurrence of it is bound: its ``user_id`` equals a parameter, or the ``user_id`` of something else
in the statement that is bound itself. Work across people says so by name:
``statement("…", across_people="…")`` or ``execution_options(across_people="…")``.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, event
from sqlglot import exp, parse
from sqlglot.errors import SqlglotError

from app.errors import StatementRefusedError

OWNER = "user_id"
SHARED = frozenset({"app_user", "app_setting", "closed_account", "alembic_version"})
SYSTEM = ("pg_", "information_schema")
EXEMPTION = "across_people"

_EXPANDED = re.compile(r"__\[POSTCOMPILE_[^\]]*\]")  # SQLAlchemy's place for the items of an IN
_DISTANCE = re.compile(r"<[~#+%]>")  # pgvector's, of which sqlglot can read <-> and <=>
_OF_NO_ROWS = re.compile(
    r"\s*(SET|RESET|SHOW|ALTER|CREATE|DROP|VACUUM|REINDEX|ANALYZE|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b",
    re.IGNORECASE,
)
_Query = exp.Select | exp.Update | exp.Delete


def stand_guard(engine: Engine) -> None:
    """Look at every statement of an engine. What was found about a text is remembered."""
    event.listen(engine, "before_cursor_execute", _look_at)


def _look_at(
    _connection: Any, _cursor: Any, sql: str, _parameters: Any, context: Any, _many: bool
) -> None:
    if context is not None and context.execution_options.get(EXEMPTION):
        return
    compiled = getattr(context, "compiled", None)
    unbound = unbound_table(sql if compiled is None else compiled.string)
    if unbound is not None:
        raise StatementRefusedError(
            f"A statement touches {unbound} without binding its {OWNER}. Bind it, or say in "
            f"{EXEMPTION} why it is about everybody."
        )


@lru_cache(maxsize=2_000)
def unbound_table(sql: str) -> str | None:
    """The first table of people's that a statement touches without saying whose rows it means; None
    when there is none. What cannot be read is named as a whole."""
    if _OF_NO_ROWS.match(sql):
        return None
    try:
        trees = parse(_DISTANCE.sub("<->", _EXPANDED.sub("%(items)s", sql)), read="postgres")
    except SqlglotError:
        return "something that the guard cannot read"
    return next((name for tree in trees if tree for name in _unbound(tree)), None)


def _unbound(tree: exp.Expr) -> Iterator[str]:
    if isinstance(tree, exp.Command):
        yield "something that the guard cannot read"
    made_here = {cte.alias for cte in tree.find_all(exp.CTE)}
    for node in tree.walk():
        if isinstance(node, exp.Select | exp.Update | exp.Delete):
            yield from _unbound_in(node, made_here)
        elif isinstance(node, exp.Insert):
            yield from _unowned(node)
        elif isinstance(node, exp.TruncateTable | exp.Merge | exp.Copy):
            yield from (t.name for t in node.find_all(exp.Table) if _is_peoples(t, made_here))


def _unowned(insert: exp.Insert) -> Iterator[str]:
    """Rows that are inserted must be given an owner."""
    target = insert.this
    table = target.this if isinstance(target, exp.Schema) else target
    columns = target.expressions if isinstance(target, exp.Schema) else []
    if table.name not in SHARED and OWNER not in {column.name for column in columns}:
        yield table.name


def _unbound_in(query: _Query, made_here: set[str]) -> Iterator[str]:
    """Tables of one SELECT, UPDATE or DELETE, without those of the queries inside it."""
    tables = {t.alias_or_name: t.name for t in _tables(query) if _is_peoples(t, made_here)}
    if not tables:
        return
    bound: set[str] = set()
    between: list[tuple[str, str]] = []
    for condition in _conditions(query):
        for one, other in _sides(condition):
            owner = _owner_of(one, tables)
            if owner is None:
                continue
            partner = _owner_of(other, tables)
            if partner is None and _is_given(other):
                bound.add(owner)
            elif partner is not None and partner != owner:
                between.append((owner, partner))
    for _ in tables:
        bound |= {one for one, other in between if other in bound}
        bound |= {other for one, other in between if one in bound}
    yield from (name for alias, name in tables.items() if alias not in bound)


def _tables(query: _Query) -> Iterator[exp.Table]:
    sources = [query.args.get("from_"), query.args.get("from"), *(query.args.get("joins") or ())]
    sources += query.args.get("using") or ()
    if not isinstance(query, exp.Select):
        sources.append(query.this)
    for source in sources:
        if source is None:
            continue
        table = source if isinstance(source, exp.Table) else source.this
        if isinstance(table, exp.Table):
            yield table
            for join in table.args.get("joins") or ():
                if isinstance(join.this, exp.Table):
                    yield join.this


def _is_peoples(table: exp.Table, made_here: set[str]) -> bool:
    """Functions in FROM have no name of a table."""
    name = table.name
    return (
        isinstance(table.this, exp.Identifier)
        and name not in SHARED
        and not (name in made_here and not table.db)
        and not name.startswith(SYSTEM)
        and not table.db.startswith(SYSTEM)
    )


def _conditions(query: _Query) -> Iterator[exp.Expression]:
    """What must hold of every row: the parts of WHERE and ON that are joined by AND."""
    where = query.args.get("where")
    joins = list(query.args.get("joins") or ())
    for table in _tables(query):
        joins += table.args.get("joins") or ()
    waiting = [where.this] if where is not None else []
    waiting += [join.args["on"] for join in joins if join.args.get("on") is not None]
    while waiting:
        condition = waiting.pop().unnest()
        if isinstance(condition, exp.And):
            waiting += [condition.left, condition.right]
        else:
            yield condition


def _sides(condition: exp.Expression) -> Iterator[tuple[exp.Expression, exp.Expression]]:
    """What a condition makes equal, both ways round; rows in brackets column by column."""
    if isinstance(condition, exp.In):
        left = condition.this.unnest()
        items = condition.expressions
        if isinstance(left, exp.Tuple) and items:
            yield from ((column, items[0]) for column in left.expressions)
        elif items:
            yield (left, items[0])
    elif isinstance(condition, exp.EQ):
        left, right = condition.left.unnest(), condition.right.unnest()
        if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
            pairs = list(zip(left.expressions, right.expressions, strict=False))
        else:
            pairs = [(left, right)]
        for one, other in pairs:
            yield (one, other)
            yield (other, one)


def _owner_of(side: exp.Expression, tables: dict[str, str]) -> str | None:
    """The table of this query whose owner a column is; an unnamed table is the only one there is."""
    if not isinstance(side, exp.Column) or side.name != OWNER:
        return None
    if side.table:
        return side.table if side.table in tables else None
    return next(iter(tables)) if len(tables) == 1 else None


def _is_given(side: exp.Expression) -> bool:
    """A parameter, a list of them, or the owner of what is outside this query or made in it."""
    while isinstance(side, exp.Cast | exp.Paren):
        side = side.this
    if isinstance(side, exp.Column):
        return side.name == OWNER
    return isinstance(side, exp.Placeholder | exp.Parameter | exp.Tuple)
