"""The second wall between people: a statement that forgets ``user_id`` is refused before it is sent.

Every table belongs to people, unless ``SHARED`` says that it does not. A statement may touch one when
each occurrence of it is bound: its ``user_id`` equals a parameter, or the ``user_id`` of something else
in the statement that is bound itself. What an outer join demands binds only the side that it may leave
empty. Work across people says so by name:
``statement("…", across_people="…")`` or ``execution_options(across_people="…")``.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

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
_NOBODY: frozenset[str] = frozenset()


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
    seen: set[int] = set()
    for node in tree.walk():
        if isinstance(node, exp.Select | exp.Update | exp.Delete):
            sources = _From(node).sources
            seen |= {id(source) for source in sources.values()}
            bound = _bound(node)
            yield from (
                source.name
                for alias, source in sources.items()
                if _is_peoples(source) and alias not in bound
            )
        elif isinstance(node, exp.Insert):
            target = node.this.this if isinstance(node.this, exp.Schema) else node.this
            seen.add(id(target))
            yield from _unowned(node, target)
    yield from (t.name for t in tree.find_all(exp.Table) if id(t) not in seen and _is_peoples(t))


def _unowned(insert: exp.Insert, table: exp.Table) -> Iterator[str]:
    """Rows that are inserted must be given an owner."""
    columns = insert.this.expressions if isinstance(insert.this, exp.Schema) else []
    if table.name not in SHARED and OWNER not in {column.name for column in columns}:
        yield table.name


def _is_peoples(source: exp.Expr) -> bool:
    """Functions in FROM have no name of a table."""
    return (
        isinstance(source, exp.Table)
        and isinstance(source.this, exp.Identifier)
        and source.name not in SHARED
        and _made_here(source) is None
        and not source.name.startswith(SYSTEM)
        and not source.db.startswith(SYSTEM)
    )


def _made_here(table: exp.Table) -> exp.CTE | None:
    """The CTE that a name in FROM means, of those that can be seen from there."""
    child: exp.Expr = table
    node = table.parent if not table.db else None
    while node is not None:
        made = node if isinstance(node, exp.With) else node.args.get("with_")
        if made is not None and made is not child:
            for cte in made.expressions:
                if cte is child and not made.args.get("recursive"):
                    break
                if cte.alias == table.name:
                    return cast("exp.CTE", cte)
        child, node = node, node.parent
    return None


class _From:
    """What one SELECT, UPDATE or DELETE reads, without the queries inside it.

    ``sources`` are by alias. ``conditions`` are the parts of WHERE and ON that are joined by AND, each
    with the aliases of which no row comes through that does not meet it.
    """

    def __init__(self, query: _Query) -> None:
        self.sources: dict[str, exp.Expr] = {}
        self.conditions: list[tuple[exp.Expr, frozenset[str]]] = []
        first = query.args.get("from_")
        read = [] if isinstance(query, exp.Select) else [query.this]
        read += [first.this] if first is not None else []
        read += query.args.get("using") or ()
        names = _NOBODY.union(*(self._add(item) for item in read))
        names = self._join(query, names)
        if (where := query.args.get("where")) is not None:
            self._demand(where.this, names)

    def _add(self, item: exp.Expr) -> frozenset[str]:
        """A source with what is joined to it in its brackets; their aliases."""
        if not item.alias and isinstance(item.this, exp.Table | exp.Subquery):
            names = self._add(item.this)
        else:
            alias = item.alias_or_name or f"the source at {len(self.sources)}"
            names = frozenset({alias})
            self.sources[alias] = item
        return self._join(item, names)

    def _join(self, item: exp.Expr, names: frozenset[str]) -> frozenset[str]:
        for join in item.args.get("joins") or ():
            joined = self._add(join.this)
            binding = {"LEFT": joined, "RIGHT": names, "FULL": _NOBODY}
            names |= joined
            if (on := join.args.get("on")) is not None:
                self._demand(on, binding.get(join.side, names))
        return names

    def _demand(self, condition: exp.Expr, binds: frozenset[str]) -> None:
        condition = condition.unnest()
        if isinstance(condition, exp.And):
            self._demand(condition.left, binds)
            self._demand(condition.right, binds)
        else:
            self.conditions.append((condition, binds))

    def place(self, column: exp.Column) -> str | None:
        """The alias whose column it is; without a name before it, the table's of people if there is one,
        or the only one's that a query gave."""
        if column.table:
            return column.table
        tables = [alias for alias, source in self.sources.items() if _is_peoples(source)]
        tables = tables or list(self.sources)
        return tables[0] if len(tables) == 1 else None


def _bound(query: _Query, within: frozenset[int] = frozenset()) -> set[str]:
    """The aliases whose rows are those of the people that the statement was given. ``within`` are the
    queries that ask for it, of which nothing is known yet."""
    if id(query) in within:
        return set()
    within |= {id(query)}
    read = _From(query)
    bound = {alias for alias, source in read.sources.items() if _is_made_for(source, within)}
    equal = [
        (read.place(one), others, binds)
        for condition, binds in read.conditions
        for one, others in _sides(condition)
        if isinstance(one, exp.Column) and one.name == OWNER
    ]
    while more := {
        alias
        for alias, others, binds in equal
        if alias in binds - bound
        and all(_is_given(other, query, bound=bound, within=within) for other in others)
    }:
        bound |= more
    return bound


def _sides(condition: exp.Expr) -> Iterator[tuple[exp.Expr, list[exp.Expr]]]:
    """What a condition makes equal, both ways round, and of IN all that it may equal; rows in brackets
    column by column."""
    if isinstance(condition, exp.In) and condition.expressions:
        rows = [_columns(item) for item in condition.expressions]
        for at, column in enumerate(_columns(condition.this)):
            yield (column, [row[at] if len(row) > 1 else row[0] for row in rows])
    elif isinstance(condition, exp.EQ):
        pairs = zip(_columns(condition.left), _columns(condition.right), strict=False)
        for one, other in pairs:
            yield (one, [other])
            yield (other, [one])


def _columns(side: exp.Expr) -> list[exp.Expr]:
    side = side.unnest()
    return side.expressions if isinstance(side, exp.Tuple) else [side]


def _is_given(side: exp.Expr, query: _Query, *, bound: set[str], within: frozenset[int]) -> bool:
    """A parameter, or the owner of something that is bound in this query or around it."""
    while isinstance(side, exp.Cast | exp.Paren):
        side = side.this
    if not isinstance(side, exp.Column):
        return isinstance(side, exp.Placeholder | exp.Parameter)
    read = _From(query)
    alias = read.place(side)
    if side.name != OWNER or alias is None:
        return False
    if alias in read.sources:
        return alias in bound
    around = cast("_Query | None", query.find_ancestor(exp.Select, exp.Update, exp.Delete))
    return around is not None and _is_given(
        side, around, bound=_bound(around, within), within=within
    )


def _is_made_for(source: exp.Expr, within: frozenset[int]) -> bool:
    """Whether what is no table gives the owners alone that the statement was given: by a query, or by a
    function of parameters."""
    if _is_peoples(source):
        return False
    names = source.alias_column_names
    if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
        cte = _made_here(source)
        if cte is None:
            return False
        return _gives_owner(cte.this, names or cte.alias_column_names, within)
    inside = source.this if isinstance(source, exp.Lateral) else source
    if isinstance(inside, exp.Subquery):
        return _gives_owner(inside.this, names, within)
    return source.find(exp.Column, exp.Select) is None


def _gives_owner(query: exp.Expr, names: list[str], within: frozenset[int]) -> bool:
    """Whether the owner among a query's columns, which may be named anew, is one that was given."""
    query = query.unnest()
    if isinstance(query, exp.SetOperation):
        return all(_gives_owner(side, names, within) for side in (query.left, query.right))
    if not isinstance(query, exp.Select | exp.Update | exp.Delete):
        return False
    returning = query.args.get("returning")
    columns = returning.expressions if returning is not None else query.expressions
    bound = _bound(query, within)
    named = (
        dict(zip(names, columns, strict=False)) if names else {c.alias_or_name: c for c in columns}
    )
    if OWNER in named:
        return _is_given(named[OWNER].unalias(), query, bound=bound, within=within)
    sources = set(_From(query).sources)
    return not names and any(c.is_star for c in columns) and bool(sources) and sources <= bound
