"""The door for Teams' requests: only Teams gets in, and whatever it brings, the answer is never 500."""

import asyncio
import gzip
import json
import time
import zlib

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from bot.platforms.teams.keys import Keys, KeysError, SigningKey
from bot.settings import TeamsSettings
from tests.fakes.connector import FakeConnector
from tests.fakes.teams_bot import Bot, Watch, eventually, running
from tests.fakes.teams_deliveries import APP, KEY, OTHER_KEY, THREAD, sample

PUBLIC_KEY = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"


def confused(teams: FakeConnector) -> str:
    """A token signed with the public key as if it were a shared secret."""
    header, claims = (jwt.utils.base64url_encode(json.dumps(part).encode()) for part in (
        {"alg": "HS256", "kid": "k1"}, jwt.decode(teams.token(), options={"verify_signature": False})
    ))  # fmt: skip
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        header + b"." + claims, b"-" + PUBLIC_KEY
    )
    return b".".join((header, claims, jwt.utils.base64url_encode(signature))).decode()


def now(seconds: int) -> int:
    return int(time.time()) + seconds


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(lambda _: None, id="none"),
        pytest.param(lambda _: "", id="empty"),
        pytest.param(lambda _: "Bearer", id="a word"),
        pytest.param(lambda _: "Bearer ", id="empty bearer"),
        pytest.param(lambda _: "Basic YTpi", id="basic"),
        pytest.param(lambda _: "Bearer garbage", id="garbage"),
        pytest.param(lambda _: "Bearer a.b.c", id="dots"),
        pytest.param(lambda _: "Bearer " + "x" * 7000, id="long"),
        pytest.param(lambda teams: f"bearer {teams.token()}", id="another scheme"),
        pytest.param(lambda teams: f"Bearer {teams.token()} more", id="two tokens"),
        pytest.param(lambda teams: f"Bearer {teams.token()[:-4]}AAAA", id="tampered"),
        pytest.param(lambda teams: f"Bearer {confused(teams)}", id="HS256 confusion"),
        pytest.param(lambda teams: f"Bearer {teams.token(None, algorithm='none')}", id="unsigned"),
        pytest.param(lambda teams: f"Bearer {teams.token(algorithm='RS512')}", id="another algorithm"),
        pytest.param(lambda teams: f"Bearer {teams.token(exp=now(-400))}", id="expired"),
        pytest.param(lambda teams: f"Bearer {teams.token(nbf=now(400))}", id="not yet valid"),
        pytest.param(lambda teams: f"Bearer {teams.token(aud='another-app')}", id="another app"),
        pytest.param(lambda teams: f"Bearer {teams.token(aud=None)}", id="no app"),
        pytest.param(lambda teams: f"Bearer {teams.token(iss='https://evil.example')}", id="another issuer"),
        pytest.param(lambda teams: f"Bearer {teams.token(iss=None)}", id="no issuer"),
        pytest.param(lambda teams: f"Bearer {teams.token(iss=EMULATOR, appid=APP, ver='1.0')}", id="emulator"),
        pytest.param(lambda teams: f"Bearer {teams.token(ver='1.0', appid='a-skill')}", id="another bot"),
        pytest.param(lambda teams: f"Bearer {teams.token(OTHER_KEY)}", id="another key"),
        pytest.param(lambda teams: f"Bearer {teams.token(OTHER_KEY, 'k2')}", id="unknown key"),
        pytest.param(lambda teams: f"Bearer {teams.token(OTHER_KEY, 'other-channel')}", id="a key for others"),
        pytest.param(lambda teams: f"Bearer {teams.token(OTHER_KEY, 'bare')}", id="a key for nobody"),
        pytest.param(lambda teams: f"Bearer {teams.token(serviceurl='https://evil.example')}", id="another service"),
        pytest.param(lambda teams: f"Bearer {teams.token(serviceurl=None)}", id="no service"),
    ],
)
async def test_a_request_without_a_token_of_teams_is_refused_and_nothing_is_done(forge):
    """401, whatever is wrong with it, and nothing is said or asked."""
    async with running() as bot:
        header = forge(bot.teams)
        body = json.dumps({**sample("message_personal"), "serviceUrl": bot.teams.service})
        reply = await bot.teams.post(body, {} if header is None else {"Authorization": header})
        await bot.finish()
        assert bot.teams.called("post") == []
    assert reply.status == 401
    assert bot.desk.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evil@smba.trafficmanager.net/",
        "https://evilbotframework.com/",
        "https://smba.trafficmanager.net/?x=",
        "https://[2001:db8::1%25.botframework.com]/",
        "https://evil.example%2f.botframework.com/",
        "file:///etc/passwd",
        "http://[",
        "http://127.0.0.1:1/",
        "",
        None,
        7,
    ],
)
async def test_a_service_address_that_is_not_microsofts_is_refused(address):
    """Even with a good token for it: the bot's own token would be sent there."""
    async with running() as bot:
        services = type(bot.teams.services)()
        bot.edge._route._services = services
        body = {**sample("message_personal"), "serviceUrl": address}
        claim = address if isinstance(address, str) else None
        reply = await bot.teams.repeat(body, serviceurl=claim)
        await bot.finish()
    assert reply.status == 401
    assert not services.trusts(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://smba.trafficmanager.net/emea/",
        "https://webchat.botframework.com/",
        "https://smba.infra.gcc.teams.microsoft.com/teams",
    ],
)
async def test_microsofts_service_addresses_are_trusted(address: str):
    """Those that the documentation names."""
    async with running() as bot:
        assert type(bot.teams.services)().trusts(address)


async def test_another_channel_is_not_teams():
    """A key may be good for several channels; this bot is for one."""
    async with running() as bot:
        for channel in ("webchat", "emulator", "", None):
            reply = await bot.teams.deliver({**sample("message_personal"), "channelId": channel})
            assert reply.status == 401


async def test_a_token_of_a_clock_that_is_a_little_off_is_good():
    """Up to five minutes."""
    async with running() as bot:
        assert (await bot.teams.deliver(sample("message_personal"), exp=now(-200))).status == 202
        assert (await bot.teams.deliver(sample("message_personal"), nbf=now(200))).status == 202


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="half an object"),
        pytest.param("[]", id="a list"),
        pytest.param("null", id="null"),
        pytest.param('"text"', id="a text"),
        pytest.param("[" * 100_000, id="too deep"),
        pytest.param(b"\xff\xfe{", id="no text"),
        pytest.param("{}", id="no type"),
        pytest.param('{"type": 7}', id="a numbered type"),
        pytest.param('{"type": ""}', id="an empty type"),
    ],
)
async def test_a_body_that_is_no_activity_is_refused(body):
    """400, since nobody could answer it."""
    async with running() as bot:
        reply = await bot.teams.post(body, {"Authorization": f"Bearer {bot.teams.token()}"})
    assert reply.status == 400


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
async def test_a_packed_body_is_refused(coding: str, caplog):
    """415, whatever is in it and with a good token, too: it is never unpacked, and nothing breaks over it."""
    async with running() as bot:
        body = json.dumps({**sample("message_personal"), "serviceUrl": bot.teams.service}).encode()
        headers = {"Authorization": f"Bearer {bot.teams.token()}", "Content-Encoding": coding}
        for packed in (gzip.compress(body), zlib.compress(body), b"not packed"):
            reply = await bot.teams.post(packed, headers)
            assert (reply.status, reply.headers["Accept-Encoding"]) == (415, "identity")
        assert (await bot.teams.post(body, {**headers, "Content-Encoding": "identity"})).status == 202
    assert "Traceback" not in caplog.text


async def test_a_body_without_end_is_not_read():
    """More than a megabyte is none of Teams' messages."""
    async with running() as bot:
        reply = await bot.teams.post("x" * 1_100_000, {"Authorization": f"Bearer {bot.teams.token()}"})
    assert reply.status == 413


SILENT = [
    "message_edited",
    "message_deleted",
    "reaction",
    "read_receipt",
    "unknown_activity",
    "channel_renamed",
    "person_added",
    "bot_removed",
]


@pytest.mark.parametrize("name", SILENT)
async def test_what_nobody_asked_for_is_received_in_silence(name: str):
    """Edits, deletions, reactions and what Teams may send one day."""
    async with running() as bot:
        reply = await bot.teams.deliver(sample(name))
        await bot.finish()
        assert bot.teams.called("post") == []
    assert reply.status == 202
    assert bot.desk.asked == []


@pytest.mark.parametrize(
    ("name", "changed", "status"),
    [
        ("unknown_invoke", {}, 501),
        ("unknown_invoke", {"name": None}, 501),
        ("unknown_invoke", {"name": {"a": 1}}, 501),
        ("press", {"value": None}, 200),
        ("press", {"value": {"action": None}}, 200),
        ("press", {"value": {"action": {"data": {"action": 1}}}}, 200),
        ("press", {"value": {"action": {"data": {"action": "answer", "value": [1]}}}}, 200),
        ("press", {"from": None}, 200),
        ("submit", {"value": {"something": "else"}}, 202),
        ("submit", {"value": [1]}, 202),
        ("search", {"value": None}, 200),
        ("search", {"value": {"parameters": 7}}, 200),
        ("search", {"value": {"parameters": [None]}}, 200),
        ("search", {"value": {"parameters": [{"name": "query", "value": {"a": 1}}]}}, 200),
        ("message_personal", {"from": None}, 202),
        ("message_personal", {"from": {"id": 7}}, 202),
        ("message_personal", {"recipient": None}, 202),
        ("message_personal", {"conversation": None}, 202),
        ("message_personal", {"conversation": {"id": ""}}, 202),
        ("message_personal", {"entities": [None, 7, {"type": "mention", "text": 7}]}, 202),
        ("message_personal", {"channelData": "x"}, 202),
        ("message_personal", {"id": None}, 202),
        ("message_group", {"entities": 7}, 202),
        ("bot_added", {"membersAdded": [None]}, 202),
        ("bot_added", {"membersAdded": 7}, 202),
        ("installation_add", {"action": ["add"]}, 202),
    ],
)
async def test_an_odd_activity_from_teams_does_no_harm(name: str, changed: dict, status: int):
    """The next one is answered."""
    async with running() as bot:
        assert (await bot.teams.deliver({**sample(name), **changed})).status == status
        await bot.teams.write("still there?")
        await bot.teams.until(lambda: "Answer to: still there?" in bot.teams.texts())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "x" * 40_000,
        "a\x00b",
        "\u202eabc",
        "<at>everyone</at>",
        "[click](https://evil.example) **now**",
        "<script>alert(1)</script>",
        "\ud800",
        "{{DATE(2026-11-23T12:00:00Z)}}",
    ],
    ids=["empty", "emoji", "long", "NUL", "turned", "mention", "link", "script", "half", "date"],
)
@pytest.mark.parametrize("where", ["a:anna", THREAD], ids=["personal", "channel"])
async def test_whatever_is_written_gets_a_short_reply(desk, text: str, where: str):
    """From the real desk, and nothing of it is said back."""
    async with running(desk) as bot:
        assert (await bot.teams.write(text, where)).status == 202
        await bot.teams.until(lambda: bot.teams.said() or bot.teams.said(THREAD))
        await bot.finish()
        (said,) = [*bot.teams.said(), *bot.teams.said(THREAD)]
    for part in ("everyone", "evil", "alert", "DATE", "\x00", "\u202e"):
        assert part not in json.dumps(said, ensure_ascii=False)


async def test_a_file_without_words_gets_a_short_reply(desk):
    """The bot reads words only, and says so."""
    async with running(desk) as bot:
        await bot.teams.deliver(sample("file"))
        (said,) = await bot.teams.until(bot.teams.said)
    assert "words only" in said["summary"]


async def test_a_name_is_shown_as_it_is(desk):
    """Whoever asked for a post is named, and a name cannot be a mention, a link or markup."""
    async with running(desk) as bot:
        name = "<at>everyone</at> [x](https://evil.example) **Anna**"
        await bot.teams.write("steps", THREAD, **{"from": {"id": "29:anna", "name": name}})
        (said,) = await bot.teams.until(lambda: bot.teams.said(THREAD))
    blocks = [block.get("text", "") for block in said["attachments"][0]["content"]["body"]]
    (signature,) = [text for text in blocks if "Anna" in text]
    assert "\\<at\\>" in signature
    assert "\\[x\\]" in signature


async def test_who_comes_before_the_keys_waits_for_them():
    """From the first moment: whatever comes while the keys are fetched waits for this one fetch, and is answered."""
    teams = FakeConnector()
    teams.fail("keys", "slow")
    async with running(teams=teams, early=True) as bot:
        heard = counted(bot)
        messages = [asyncio.create_task(teams.write(f"question {number}")) for number in range(10)]
        search = asyncio.create_task(teams.deliver(sample("search")))
        await eventually(lambda: len(heard) == 11)
        assert not any(task.done() for task in (*messages, search))
        teams.released.set()
        assert [(await message).status for message in messages] == [202] * 10
        assert (await search).status == 200
        await teams.until(lambda: len(teams.said()) == 10)
        assert len(teams.called("keys")) == 2


async def test_nobody_waits_for_the_key_service_for_ever():
    """Who has waited long enough is told that nobody can tell, and the answer is of use to the next."""
    async with FakeConnector() as teams, aiohttp.ClientSession() as session:
        keys = Keys(session, teams.services.keys, patience=0.01)
        teams.fail("keys", "slow")
        with pytest.raises(KeysError, match="too long"):
            await keys.get("k1")
        teams.released.set()
        await keys.fetch()
        assert "msteams" in (await keys.get("k1")).endorsements
        assert len(teams.called("keys")) == 2
        await keys.close()


async def test_while_the_key_service_is_down_nobody_can_tell():
    """503 makes Teams come again; a second later the service is tried again, and its keys are enough from then on."""
    teams, watch = FakeConnector(), Watch()
    teams.fail("keys", *["error"] * 2)
    async with running(teams=teams, pause=_long_pause(), now=watch) as bot:
        assert "key service" in bot.edge.state
        for tries in (1, 2):
            assert (await teams.deliver(sample("message_personal"))).status == 503
            assert len(teams.called("keys")) == tries
            watch.seconds += 1
        assert bot.desk.asked == []
        assert (await teams.deliver(sample("message_personal"))).status == 202
        teams.fail("keys", *["error"] * 10)
        watch.seconds += 90_000
        assert (await teams.deliver(sample("message_personal"))).status == 202
        assert bot.edge.state == "ok"


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([], id="none"),
        pytest.param([None], id="null"),
        pytest.param([{"kty": "RSA", "kid": "k1", "endorsements": ["directline"]}], id="for others"),
        pytest.param([{"kty": "RSA", "kid": "k1", "endorsements": ["msteams"]}], id="without numbers"),
    ],
)
async def test_a_key_service_without_good_keys_is_as_good_as_down(keys: list):
    """The bot says so, asks again, and uses the keys it has."""

    class Odd(FakeConnector):
        odd = True

        def _keys(self, *request):
            return {"keys": keys} if self.odd else super()._keys(*request)

    teams = Odd()
    async with running(teams=teams) as bot:
        assert "key service" in bot.edge.state
        assert (await teams.deliver(sample("message_personal"))).status == 503
        teams.odd = False
        await eventually(lambda: bot.edge.state == "ok")
        teams.odd = True
        await bot.edge._keys.fetch()
        assert (await teams.deliver(sample("message_personal"))).status == 202
        assert bot.edge.state == "ok"


async def test_those_who_wait_for_a_key_service_that_fails_are_told_together():
    """Whatever their number, it is not asked once for each of them, one after the other."""
    teams = FakeConnector()
    teams.fail("keys", "slow")
    async with running(teams=teams, early=True, pause=_long_pause(), now=Watch()) as bot:
        heard = counted(bot)
        replies = [asyncio.create_task(teams.deliver(sample("message_personal"))) for _ in range(5)]
        await eventually(lambda: len(heard) == 5)
        await teams.until(lambda: teams.called("keys"))
        teams.fail("keys", *["error"] * 5)
        teams.released.set()
        assert [(await reply).status for reply in replies] == [503] * 5
        assert len(teams.called("keys")) == 2


async def test_a_new_key_is_learnt_at_once():
    """Microsoft changes its keys: whoever comes with a new one waits until the bot has asked, once for all of them."""
    watch = Watch()
    async with running(now=watch) as bot:
        bot.teams.new_keys["k2"] = OTHER_KEY
        watch.seconds += 120
        new = [bot.teams.deliver(sample("message_personal"), kid="k2", key=OTHER_KEY) for _ in range(5)]
        assert [reply.status for reply in await asyncio.gather(*new)] == [202] * 5
        assert (await bot.teams.deliver(sample("message_personal"))).status == 202
        assert len(bot.teams.called("keys")) == 4


async def test_a_new_key_is_not_called_forged_while_the_key_service_fails():
    """503 and not 401, which is for ever; a second later the service is asked again."""
    watch = Watch()
    async with running(now=watch) as bot:
        bot.teams.new_keys["k2"] = OTHER_KEY
        bot.teams.fail("keys", *["error"] * 2)
        for tries in (3, 4):
            watch.seconds += 1
            for _ in range(3):
                reply = await bot.teams.deliver(sample("message_personal"), kid="k2", key=OTHER_KEY)
                assert (reply.status, len(bot.teams.called("keys"))) == (503, tries)
                assert (await bot.teams.deliver(sample("message_personal"))).status == 202
        assert bot.edge.state == "ok"
        watch.seconds += 1
        assert (await bot.teams.deliver(sample("message_personal"), kid="k2", key=OTHER_KEY)).status == 202


async def test_forged_keys_do_not_make_the_bot_ask_for_each_message():
    """Once in a second at most, however many there are; that is enough to know them."""
    watch = Watch()
    async with running(now=watch) as bot:
        for second in range(3):
            forged = [
                bot.teams.deliver(sample("message_personal"), kid=f"forged-{number % 15}", key=OTHER_KEY)
                for number in range(50)
            ]
            assert {reply.status for reply in await asyncio.gather(*forged)} == {401}
            assert len(bot.teams.called("keys")) == 2 + 2 * second
            watch.seconds += 1
        assert bot.desk.asked == []


async def test_keys_are_read_anew_while_the_old_ones_serve():
    """Once a day; however slow the key service is, only who comes with a new key waits for it."""
    watch = Watch()
    async with running(now=watch) as bot:
        bot.teams.fail("keys", "slow")
        watch.seconds += 90_000
        replies = [await bot.teams.deliver(sample("message_personal")) for _ in range(3)]
        assert [reply.status for reply in replies] == [202] * 3
        await bot.teams.until(lambda: len(bot.teams.called("keys")) == 3)
        heard = counted(bot)
        new = asyncio.create_task(bot.teams.deliver(sample("message_personal"), kid="k2", key=OTHER_KEY))
        await eventually(lambda: heard)
        assert not new.done()
        bot.teams.new_keys["k2"] = OTHER_KEY
        bot.teams.released.set()
        assert (await new).status == 202
        assert len(bot.teams.called("keys")) == 4


async def test_keys_that_were_asked_for_too_early_do_not_decide():
    """A key may be newer than the answer that somebody waits for; then the service is asked once more."""

    class Later(FakeConnector):
        def _keys(self, *request):
            found = super()._keys(*request)
            self.new_keys["k2"] = OTHER_KEY
            return found

    teams, watch = Later(), Watch()
    teams.fail("keys", "slow")
    async with running(teams=teams, early=True, now=watch) as bot:
        await teams.until(lambda: teams.called("keys"))
        watch.seconds += 5
        heard = counted(bot)
        new = asyncio.create_task(teams.deliver(sample("message_personal"), kid="k2", key=OTHER_KEY))
        await eventually(lambda: heard)
        teams.released.set()
        assert (await new).status == 202
        assert len(teams.called("keys")) == 4


async def test_a_renewal_that_fails_is_tried_again_after_a_while():
    """Every five minutes is enough, since the old keys serve."""
    watch = Watch()
    async with running(now=watch) as bot:
        bot.teams.fail("keys", *["error"] * 2)
        watch.seconds += 90_000
        for asked in (3, 3, 4):
            assert (await bot.teams.deliver(sample("message_personal"))).status == 202
            await eventually(lambda: not bot.edge._keys._under_way)
            assert len(bot.teams.called("keys")) == asked
            watch.seconds += 200


async def test_without_authentication_this_machine_alone_is_believed():
    """For Microsoft's playground: no token comes in and none goes out."""

    class Playground(FakeConnector):
        def _check_token(self, request) -> None:
            assert "Authorization" not in request.headers

    async with running(teams=Playground(), settings=TeamsSettings(auth=False)) as bot:
        body = {**sample("message_personal"), "serviceUrl": bot.teams.service, "channelId": "emulator"}
        assert (await bot.teams.post(json.dumps(body), {})).status == 202
        await bot.teams.until(bot.teams.said)
        assert (await bot.teams.post(json.dumps({**body, "serviceUrl": "https://evil.example"}), {})).status == 401
        assert bot.teams.called("token") == bot.teams.called("keys") == []
    assert "WITHOUT authentication" in bot.lines[0]


async def test_while_the_bot_stops_teams_is_asked_to_come_again():
    """503 makes Teams deliver the activity once more, to the process that comes next."""
    async with running() as bot:
        await bot.finish()
        assert (await bot.teams.deliver(sample("message_personal"))).status == 503


async def test_what_is_on_its_way_while_the_bot_stops_comes_again():
    """Whether it waits for the key service or is still being read: it is not taken and then lost."""
    watch = Watch()
    async with running(now=watch) as bot:
        bot.teams.fail("keys", "slow")
        bot.edge._keys._known.clear()
        watch.seconds += 1
        waiting = asyncio.create_task(bot.teams.deliver(sample("message_personal")))
        await bot.teams.until(lambda: len(bot.teams.called("keys")) == 3)
        await bot.finish()
        assert (await waiting).status == 503
    async with running() as bot:
        body = json.dumps({**sample("message_personal"), "serviceUrl": bot.teams.service}).encode()
        rest = asyncio.Event()

        async def slowly():
            yield body[:10]
            await rest.wait()
            yield body[10:]

        headers = {"Authorization": f"Bearer {bot.teams.token()}"}
        reading = asyncio.create_task(bot.teams._http.post(bot.teams.bot_url, data=slowly(), headers=headers))
        await asyncio.sleep(0.1)
        await bot.finish()
        rest.set()
        assert (await reading).status == 503
        assert bot.desk.asked == []


async def test_a_failing_turn_is_no_500(desk):
    """Even a fault of the bot's own is not shown to people as an error of Teams."""
    async with running(desk) as bot:
        bot.edge._listeners._exchange = None
        assert (await bot.teams.deliver(sample("message_personal"))).status == 400
        await eventually(lambda: bot.edge.state == "ok")


def _long_pause():
    async def pause(_: float) -> None:
        await asyncio.sleep(30)

    return pause


def counted(bot: Bot) -> list[str]:
    """The names of the keys that requests ask for from now on."""
    heard, get = [], bot.edge._keys.get

    async def counting(key_id: str) -> SigningKey:
        heard.append(key_id)
        return await get(key_id)

    bot.edge._keys.get = counting
    return heard
