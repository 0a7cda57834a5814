"""Settings: a platform is on when its variables are there, and half of them is an error that names the other half."""

from pathlib import Path

import pytest
from platformdirs import user_cache_path

from bot import settings
from bot.app import run
from bot.errors import SettingsError
from bot.settings import Settings, SlackSettings, TeamsSettings

NO_FILE = Path("no-such.env")
BOT, APP = "xoxb-1", "xapp-1"
APP_ID = "11111111-2222-4333-8444-555555555555"


def load(**environ: str) -> Settings:
    return settings.load(environ, NO_FILE)


def test_nothing_set_means_no_platform_on_this_machine_only():
    """An empty environment gives the defaults that the preview needs."""
    assert load() == Settings(cache=user_cache_path("optout-bot", appauthor=False))


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"SLACK_SIGNING_SECRET": "s"}, SlackSettings(BOT, signing_secret="s"), id="http"),
        pytest.param({"SLACK_APP_TOKEN": APP}, SlackSettings(BOT, app_token=APP), id="socket-mode"),
        pytest.param(
            {"SLACK_APP_TOKEN": APP, "SLACK_SIGNING_SECRET": "s"},
            SlackSettings(BOT, app_token=APP),
            id="socket-mode-wins",
        ),
        pytest.param(
            {"SLACK_SIGNING_SECRET": "s", "SLACK_CLIENT_ID": "1", "SLACK_CLIENT_SECRET": "2"},
            SlackSettings(BOT, signing_secret="s"),
            id="client-id-changes-nothing",
        ),
        pytest.param(
            {"SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:9/api"},
            SlackSettings(BOT, signing_secret="s", api_url="http://127.0.0.1:9/api/"),
            id="loopback-api",
        ),
    ],
)
def test_slack_is_on_with_a_token_and_one_way_in(environ: dict[str, str], expected: SlackSettings):
    """A bot token with a signing secret means HTTP, with an app token Socket Mode."""
    assert load(SLACK_BOT_TOKEN=BOT, **environ).slack == expected


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        pytest.param({"SLACK_BOT_TOKEN": BOT}, ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"], id="token-alone"),
        pytest.param({"SLACK_SIGNING_SECRET": "s"}, ["SLACK_BOT_TOKEN is missing"], id="secret-alone"),
        pytest.param({"SLACK_APP_TOKEN": APP}, ["SLACK_BOT_TOKEN is missing"], id="app-token-alone"),
        pytest.param({"SLACK_BOT_TOKEN": "xoxp-1", "SLACK_APP_TOKEN": APP}, ["xoxb-"], id="user-token"),
        pytest.param({"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": "x"}, ["xapp-"], id="odd-app-token"),
        pytest.param(
            {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "SLACK_API_URL": "http://slack.example/api/"},
            ["SLACK_API_URL", "https://"],
            id="token-in-the-clear",
        ),
        *(
            pytest.param(
                {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP, "SLACK_API_URL": url}, ["SLACK_API_URL"], id=url
            )
            for url in ("http://[::1", "https://", "https://h:99999/", "https://user:pass@slack.example/api/")
        ),
        pytest.param({"PORT": "9" * 5000}, ["PORT"], id="port-of-5000-digits"),
        pytest.param({"OPTOUT_CONTACT": "x" * 151}, ["OPTOUT_CONTACT"], id="contact"),
        pytest.param({"PORT": "30 00"}, ["PORT", "'30 00'"], id="port"),
        pytest.param({"PORT": "70000"}, ["PORT"], id="port-too-high"),
        pytest.param({"LOG_LEVEL": "loud"}, ["LOG_LEVEL", "INFO"], id="log-level"),
        pytest.param({"OPTOUT_CONTENT": "/no/such/folder"}, ["OPTOUT_CONTENT", "/no/such/folder"], id="content"),
        pytest.param({"PORT": "x", "LOG_LEVEL": "y"}, ["PORT", "LOG_LEVEL"], id="all-at-once"),
    ],
)
def test_a_mistake_is_named_with_its_setting(environ: dict[str, str], named: list[str]):
    """Every mistake says which setting it is about."""
    with pytest.raises(SettingsError) as error:
        load(**environ)
    assert all(name in str(error.value) for name in named)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(
            {"MICROSOFT_APP_PASSWORD": "p", "MICROSOFT_APP_TENANT_ID": "t"},
            TeamsSettings(APP_ID, "SingleTenant", "p", "t"),
            id="single-tenant-by-default",
        ),
        pytest.param(
            {"MICROSOFT_APP_TYPE": "userassignedmsi", "MICROSOFT_APP_TENANT_ID": "t"},
            TeamsSettings(APP_ID, "UserAssignedMSI", "", "t"),
            id="managed-identity",
        ),
        pytest.param(
            {"MICROSOFT_APP_TYPE": "MultiTenant", "MICROSOFT_APP_PASSWORD": "p"},
            TeamsSettings(APP_ID, "MultiTenant", "p"),
            id="multi-tenant",
        ),
        pytest.param({"OPTOUT_TEAMS_AUTH": "off"}, TeamsSettings(APP_ID, auth=False), id="playground"),
    ],
)
def test_teams_is_on_with_what_its_kind_of_registration_needs(environ: dict[str, str], expected: TeamsSettings):
    """An id, and what Azure gives for its type."""
    assert load(MICROSOFT_APP_ID=APP_ID, **environ).teams == expected


def test_the_playground_needs_no_registration():
    """Microsoft's playground asks for none; the switch alone turns Teams on, and anything else leaves it off."""
    assert load(OPTOUT_TEAMS_AUTH="off").teams == TeamsSettings(auth=False)
    assert load(OPTOUT_TEAMS_AUTH="on").teams is None


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        pytest.param(
            {"MICROSOFT_APP_ID": APP_ID}, ["APP_PASSWORD is missing", "APP_TENANT_ID is missing"], id="id-alone"
        ),
        pytest.param({"MICROSOFT_APP_PASSWORD": "p"}, ["MICROSOFT_APP_ID is missing"], id="password-alone"),
        pytest.param({"MICROSOFT_APP_TYPE": "SingleTenant"}, ["MICROSOFT_APP_ID is missing"], id="type-alone"),
        pytest.param(
            {"MICROSOFT_APP_ID": APP_ID, "MICROSOFT_APP_TYPE": "UserAssignedMSI"},
            ["MICROSOFT_APP_TENANT_ID is missing"],
            id="managed-identity-without-tenant",
        ),
        pytest.param(
            {"MICROSOFT_APP_ID": APP_ID, "MICROSOFT_APP_TYPE": "Single"}, ["MICROSOFT_APP_TYPE", "'Single'"], id="type"
        ),
        pytest.param(
            {"MICROSOFT_APP_ID": f"28:{APP_ID}", "MICROSOFT_APP_PASSWORD": "p", "MICROSOFT_APP_TENANT_ID": "t"},
            ["MICROSOFT_APP_ID is not a GUID"],
            id="no-guid",
        ),
        pytest.param({"OPTOUT_TEAMS_AUTH": "no"}, ["OPTOUT_TEAMS_AUTH", "'no'"], id="switch"),
    ],
)
def test_a_mistake_about_teams_is_named(environ: dict[str, str], named: list[str]):
    """Half a registration is an error that names the other half."""
    with pytest.raises(SettingsError) as error:
        load(**environ)
    assert all(name in str(error.value) for name in named)


@pytest.mark.parametrize(
    "settings",
    [Settings(host="0.0.0.0"), Settings(host="0.0.0.0", teams=TeamsSettings(auth=False))],  # noqa: S104
    ids=["no platform", "no authentication"],
)
def test_what_anybody_could_reach_is_refused(settings: Settings):
    """An address for others needs a platform, and one that knows who is calling."""
    with pytest.raises(SettingsError, match=r"HOST (is )?0\.0\.0\.0"):
        run(settings, preview=False, say=print)


def test_no_secret_stands_in_a_message():
    """A message about a wrong token does not repeat the token."""
    with pytest.raises(SettingsError) as error:
        load(SLACK_BOT_TOKEN="hunter2-secret", SLACK_SIGNING_SECRET="very-secret")
    assert "secret" not in str(error.value).replace("SLACK_SIGNING_SECRET", "")


def test_the_environment_wins_over_the_file(tmp_path: Path):
    """A variable that is set overrides its line in .env; the rest of the file counts."""
    (tmp_path / ".env").write_text("PORT=4000\nLOG_LEVEL=debug\n")
    loaded = settings.load({"PORT": "5000"}, tmp_path / ".env")
    assert (loaded.port, loaded.log_level) == (5000, "DEBUG")


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.2", True), ("[::1]", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_this_machine_is_known_by_all_its_addresses(host: str, loopback: bool):
    """Only an address of this machine counts as loopback, however it is written."""
    assert load(HOST=host).loopback is loopback


def test_a_file_that_is_no_text_is_named(tmp_path: Path):
    """An .env saved in another encoding says so."""
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsError, match="UTF-8"):
        settings.load({}, tmp_path / ".env")
