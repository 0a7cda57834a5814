"""Who may import whom: one order of rooms, and the rules that keep the middle free of platforms, clocks and sockets."""

import ast
import re
from pathlib import Path

import pytest

BOT = Path(__file__).parent.parent / "bot"
MODULES = sorted(path for path in BOT.rglob("*.py") if "shipped" not in path.parts)
ROOMS = (
    "errors",
    "text",
    "cache",
    "messages",
    "settings",
    "content",
    "answering",
    "wording",
    "authoring",
    "storage",
    "announcements",
    "desk",
    "platforms",
    "app",
    "cli",
    "__main__",
)
"""Every room of the house, each of which imports only itself and those before it."""

PLATFORMS = ("slack", "teams", "preview")
SQL = ("storage/", "announcements/deliveries.py", "announcements/lanes.py", "announcements/rows.py")
"""The modules that speak to the database."""

OUTERMOST = ("app.py", "cli/")
PLATFORM = re.compile("slack|teams|microsoft", re.IGNORECASE)


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


def texts(path: Path) -> list[str]:
    """The texts in a module's code, which docstrings are not."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    said = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in said]


def room(path: Path) -> str:
    return path.relative_to(BOT).with_suffix("").parts[0]


def test_the_house_has_these_rooms_and_no_others():
    """A new name in bot/ is a decision."""
    assert {room(path) for path in MODULES} - {"__init__"} == set(ROOMS)


def test_a_room_imports_only_the_rooms_before_it():
    """There is one order, without exceptions."""
    upwards = [
        f"{named(path)} imports {name}"
        for path in MODULES
        for name in imported(path)
        if name.startswith("bot.") and room(path) in ROOMS
        if ROOMS.index(name.split(".")[1]) > ROOMS.index(room(path))
    ]
    assert upwards == []


@pytest.mark.parametrize(
    ("packages", "allowed"),
    [
        pytest.param(("slack_bolt", "slack_sdk"), ("platforms/slack/",), id="slack"),
        pytest.param(("botbuilder", "botframework"), ("platforms/teams/",), id="microsoft"),
        pytest.param(tuple(f"bot.platforms.{one}" for one in PLATFORMS), ("platforms/", "app.py", "cli/"), id="edges"),
        pytest.param(("yaml",), ("content/files.py",), id="yaml"),
        pytest.param(("sqlalchemy", "alembic", "sqlite3"), SQL, id="sql"),
        pytest.param(("os.environ", "os.getenv", "dotenv"), ("settings.py",), id="environment"),
        pytest.param(("aiohttp",), ("platforms/", "app.py"), id="sockets"),
    ],
)
def test_only_its_own_modules_import_a_package(packages: tuple[str, ...], allowed: tuple[str, ...]):
    """Each outside thing has one home."""
    strangers = [named(path) for path in MODULES if uses(path, *packages) and not named(path).startswith(allowed)]
    assert strangers == []


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_platforms_do_not_import_each_other(platform: str):
    """Slack, Teams and the preview meet only in app.py; what two of them do is written once beside them."""
    inside = [path for path in MODULES if named(path).startswith(f"platforms/{platform}/")]
    others = tuple(f"bot.platforms.{other}" for other in PLATFORMS if other != platform)
    assert [named(path) for path in inside if uses(path, *others)] == []
    shared = [path for path in MODULES if path.parent == BOT / "platforms" and path.name != "known.py"]  # their list
    assert [named(path) for path in shared if uses(path, f"bot.platforms.{platform}")] == []


def test_the_middle_names_no_platform():
    """What is true of one platform lives in its folder, and reaches the middle as a value."""
    middle = [path for path in MODULES if room(path) not in ("settings", "platforms", "app", "cli")]
    assert [f"{named(path)}: {text!r}" for path in middle for text in texts(path) if PLATFORM.search(text)] == []


def test_only_the_outermost_modules_look_at_the_clock():
    """Everyone else is given the time."""
    clocks = {"datetime.now", "date.today", "time.time", "datetime.utcnow"}
    assert [named(path) for path in MODULES if called(path) & clocks and not named(path).startswith(OUTERMOST)] == []


def test_deciding_is_plain_synchronous_python():
    """`async` starts at the desk, at storage and at delivery."""
    outer = ("storage/", "announcements/", "desk/desk.py", "platforms/", "app.py", "cli/announcing.py")
    strangers = [
        named(path)
        for path in MODULES
        if not named(path).startswith(outer)
        and any(isinstance(n, ast.AsyncFunctionDef) for n in ast.walk(ast.parse(path.read_text())))
    ]
    assert strangers == []
