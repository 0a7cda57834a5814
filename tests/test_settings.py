"""Settings: a platform is on when its variables are there, and half of them is an error that names the other half."""

from pathlib import Path

import pytest

from bot import settings
from bot.errors import SettingsError
from bot.settings import Settings, SlackSettings

NO_FILE = Path("no-such.env")
BOT, APP = "xoxb-1", "xapp-1"


def load(**environ: str) -> Settings:
    return settings.load(environ, NO_FILE)


def test_nothing_set_means_no_platform_on_this_machine_only():
    """An empty environment gives the defaults that the preview needs."""
    assert load() == Settings()


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
