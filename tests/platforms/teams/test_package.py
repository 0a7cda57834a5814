"""The app package is one that Teams takes: manifest, icons and files, the same every time; or it says what is wrong."""

import io
import json
import zipfile
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bot.cli.main import main
from bot.desk.commands import COMMANDS
from bot.platforms.teams.package import HERE, package

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "tests" / "schemas" / "teams" / "manifest.schema.1.30.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA)
APP_ID, DOMAIN = "12345678-90ab-cdef-1234-567890abcdef", "bot.example.com"


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """The files of a package."""
    with zipfile.ZipFile(io.BytesIO(package(APP_ID, DOMAIN))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def manifest(files: dict[str, bytes]) -> dict:
    """The manifest of a package."""
    return json.loads(files["manifest.json"])


def image(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_teams_would_accept_the_manifest(manifest: dict):
    """It is valid by Microsoft's own schema for this version."""
    VALIDATOR.validate(manifest)
    # jsonschema checks no `const` in a draft as old as the schema's.
    assert manifest["manifestVersion"] == SCHEMA["properties"]["manifestVersion"]["const"] == "1.30"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "28:1"),
        ("bots", [{"botId": APP_ID}]),
        ("name", {"short": "x" * 31}),
        ("accentColor", "green"),
        ("odd", 1),
    ],
)
def test_the_schema_notices_mistakes(manifest: dict, key: str, value: object):
    """The check above can fail."""
    assert not VALIDATOR.is_valid({**manifest, key: value})


def test_the_package_holds_what_the_manifest_names_and_nothing_else(files: dict[str, bytes], manifest: dict):
    """Three files at the top, under the very names."""
    assert list(files) == ["manifest.json", manifest["icons"]["color"], manifest["icons"]["outline"]]


def test_it_is_made_for_one_registration_and_one_host(manifest: dict):
    """The id stands wherever Teams looks for it, and every address is the bot's own."""
    assert manifest["id"] == manifest["bots"][0]["botId"] == manifest["composeExtensions"][0]["botId"] == APP_ID
    assert manifest["validDomains"] == [DOMAIN]
    assert [manifest["developer"][f"{page}Url"] for page in ("website", "privacy", "termsOfUse")] == [
        f"https://{DOMAIN}/",
        f"https://{DOMAIN}/privacy",
        f"https://{DOMAIN}/terms",
    ]
    assert "${{" not in json.dumps(manifest)


FOR_FEW = {"whoami", "announce", "announcements", "report"}
"""Commands that everybody's menu would only be longer for."""


def test_every_scope_has_the_commands_of_the_bot(manifest: dict):
    """What the menu offers is what the bot understands from everybody, wherever it can be installed."""
    (bot,) = manifest["bots"]
    lists = {scope: each["commands"] for each in bot["commandLists"] for scope in each["scopes"]}
    assert list(lists) == bot["scopes"] == ["personal", "team", "groupChat"]
    for commands in lists.values():
        assert sorted(command["title"] for command in commands) == sorted(COMMANDS.keys() - FOR_FEW)
        assert all(len(command["title"]) <= 32 and len(command["description"]) <= 128 for command in commands)


def test_the_search_runs_at_once_and_takes_one_text(manifest: dict):
    """The message extension shows something before anything is typed."""
    (command,) = manifest["composeExtensions"][0]["commands"]
    assert (command["type"], command["initialRun"], len(command["parameters"])) == ("query", True, 1)


def test_the_colour_icon_is_a_full_square(files: dict[str, bytes], manifest: dict):
    """192 pixels, no hole anywhere, one colour up to the edge, and the logo inside the middle 120 pixels."""
    icon = image(files["color.png"])
    assert (icon.format, icon.size, icon.mode) == ("PNG", (192, 192), "RGB")
    ground = icon.getpixel((0, 0))
    assert f"#{bytes(ground).hex()}" == manifest["accentColor"]
    drawn = [(x, y) for x in range(192) for y in range(192) if icon.getpixel((x, y)) != ground]
    assert min(min(at) for at in drawn) >= 36
    assert max(max(at) for at in drawn) < 156
    assert contrast(ground, (255, 255, 255)) >= 4.5


def test_the_outline_icon_is_white_on_nothing(files: dict[str, bytes]):
    """32 pixels, every one of them white, and clear in the corners and around the drawing."""
    icon = image(files["outline.png"])
    assert (icon.format, icon.size, icon.mode) == ("PNG", (32, 32), "RGBA")
    pixels = [icon.getpixel((x, y)) for x in range(32) for y in range(32)]
    assert {pixel[:3] for pixel in pixels} == {(255, 255, 255)}
    assert all(icon.getpixel(corner)[3] == 0 for corner in ((0, 0), (31, 0), (0, 31), (31, 31)))
    assert 150 < len([pixel for pixel in pixels if pixel[3] > 127]) < 512


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    def light(colour: tuple[int, ...]) -> float:
        parts = [p / 255 / 12.92 if p <= 10 else ((p / 255 + 0.055) / 1.055) ** 2.4 for p in colour]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_package_is_the_same_every_time():
    """Neither the day nor the machine is in it; the id may be written in capitals."""
    assert package(APP_ID, DOMAIN) == package(APP_ID.upper(), DOMAIN.upper())
    with zipfile.ZipFile(io.BytesIO(package(APP_ID, DOMAIN))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def make(out: Path, app_id: str = APP_ID, domain: str = DOMAIN) -> Result:
    return CliRunner().invoke(main, ["teams-package", "--app-id", app_id, "--domain", domain, "--out", str(out)])


def test_the_command_writes_the_package_and_says_what_to_do_next(tmp_path: Path):
    """An older package of that name is replaced."""
    out = tmp_path / "optout.zip"
    out.write_bytes(b"older")
    done = make(out)
    assert (done.exit_code, out.read_bytes()) == (0, package(APP_ID, DOMAIN))
    assert "Teams admin center" in done.output


@pytest.mark.parametrize(
    "app_id",
    [
        "",
        "bot",
        "28:" + APP_ID,
        "{" + APP_ID + "}",
        APP_ID[:-1],
        APP_ID + "0",
        APP_ID.replace("-", ""),
        "g" + APP_ID[1:],
    ],
)
def test_a_wrong_id_is_refused(tmp_path: Path, app_id: str):
    """Nothing is written, and it is said where the right one stands."""
    refused(make(tmp_path / "x.zip", app_id=app_id), "--app-id", "Azure Bot")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "localhost",
        "https://bot.example.com",
        "bot.example.com/",
        "bot.example.com:443",
        "bot.example.com.",
        "*.example.com",
        "10.0.0.1",
        "[::1]",
        "bot example.com",
        "-bot.example.com",
        "bot..example.com",
        "bücher.example",
        'bot.example.com","x":"',
        "bot.example.com\n",
        "a." * 126 + "example",
    ],
)
def test_a_wrong_host_is_refused(tmp_path: Path, domain: str):
    """Teams takes the name of a public host alone; nothing else gets into the manifest."""
    refused(make(tmp_path / "x.zip", domain=domain), "--domain", "no public host name")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", [".", "no/such/folder/x.zip"])
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, out: str):
    """A folder, or a file in none."""
    refused(make(tmp_path / out), "--out", "cannot be written")


def refused(result: Result, option: str, why: str) -> None:
    told = " ".join(result.output.split())
    assert (result.exit_code, option in told, why in told) == (2, True, True), told
    assert "Traceback" not in told


def test_the_first_manifest_from_the_top_is_still_slacks():
    """Slack's command line tool takes the first manifest.json that it finds; Teams' stays inside the package."""
    assert "display_information" in json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))
    assert (HERE / "manifest.json").relative_to(ROOT) == Path("bot/platforms/teams/manifest.json")
