"""Who may import whom: the rules that keep the middle free of platforms, clocks, sockets and files."""

import ast
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"
MODULES = sorted(path for path in BOT.rglob("*.py") if "shipped" not in path.parts)
SQL = ("ledger.py", "deliveries.py", "lanes.py", "rows.py", "tables.py", "transactions.py", "migrations/")
"""The modules of the ledger."""

OUTERMOST = {"app.py", "__main__.py", "announcing_commands.py"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def uses(path: Path, *packages: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in imported(path) for package in packages)


def called(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)}


def named(path: Path) -> str:
    return path.relative_to(BOT).as_posix()


@pytest.mark.parametrize(
    ("packages", "allowed"),
    [
        pytest.param(("slack_bolt", "slack_sdk"), ("slack/",), id="slack"),
        pytest.param(("botbuilder", "botframework"), ("teams/",), id="microsoft"),
        pytest.param(("bot.slack", "bot.teams"), ("slack/", "teams/", "app.py", "__main__.py"), id="edges"),
        pytest.param(("yaml",), ("documents.py",), id="yaml"),
        pytest.param(("sqlalchemy", "alembic", "sqlite3"), SQL, id="sql"),
        pytest.param(("os.environ", "os.getenv", "dotenv"), ("settings.py",), id="environment"),
        pytest.param(("aiohttp",), ("slack/", "teams/", "preview/", "server.py", "app.py"), id="sockets"),
    ],
)
def test_only_its_own_modules_import_a_package(packages: tuple[str, ...], allowed: tuple[str, ...]):
    """Each outside thing has one home."""
    strangers = [named(path) for path in MODULES if uses(path, *packages) and not named(path).startswith(allowed)]
    assert strangers == []


def test_the_edges_do_not_import_each_other():
    """Slack, Teams and the preview meet only in app.py."""
    for edge, others in {
        "slack": ("teams", "preview"),
        "teams": ("slack", "preview"),
        "preview": ("slack", "teams"),
    }.items():
        assert [
            named(p) for p in MODULES if named(p).startswith(f"{edge}/") and uses(p, *(f"bot.{o}" for o in others))
        ] == []


def test_only_the_outermost_modules_look_at_the_clock():
    """Everyone else is given the time."""
    clocks = {"datetime.now", "date.today", "time.time", "datetime.utcnow"}
    assert [named(path) for path in MODULES if called(path) & clocks and path.name not in OUTERMOST] == []


def test_deciding_is_plain_synchronous_python():
    """`async` starts at the desk and the ledger."""
    outer = (
        "desk.py",
        "announcers.py",
        *SQL,
        "delivery.py",
        "announcing_commands.py",
        "work.py",
        "server.py",
        "app.py",
        "slack/",
        "teams/",
        "preview/",
    )
    strangers = [
        named(path)
        for path in MODULES
        if not named(path).startswith(outer)
        and any(isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(ast.parse(path.read_text())))
    ]
    assert strangers == []
