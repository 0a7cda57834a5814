"""What many tests start from: the real content, made ready once for all workers, a small topic, and a fixed noon."""

import gc
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from filelock import FileLock
from threadpoolctl import threadpool_limits

from bot import answering, text
from bot.answering import preparing
from bot.answering.deciding import Knowledge
from bot.answering.encoders import encoder
from bot.authoring import reach
from bot.authoring.reach import Asked
from bot.cache import Cache, digest
from bot.content import layout
from bot.content.loading import load
from bot.content.topics import Content
from bot.desk.desk import Desk
from bot.platforms.known import PLATFORMS
from bot.settings import Settings
from bot.storage.ledger import open_ledger

TOPIC = "linkedin-ai-training"
SMALL = Path(__file__).parent / "small_topic"
TODAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
"""Which of the processes that share the tests this is; empty where there is only one."""


@pytest.fixture(scope="session", autouse=True)
def cache_folder(pytestconfig: pytest.Config) -> Iterator[Path]:
    """A cache beside pytest's own, for all workers, the bots that they start and the next run: learning is slow.

    What is kept in it is told by the content, the encoder and a version of the code that its authors raise; here also
    by the code itself, so that no change to it is tested with what another one had learnt.
    """
    code = [Path(text.__file__), *sorted(Path(answering.__file__).parent.glob("*.py"))]
    folder = Path(pytestconfig.cache.mkdir("optout")) / digest(file.read_text(encoding="utf-8") for file in code)[:12]
    folder.mkdir(exist_ok=True)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTOUT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def one_core() -> None:
    """Keeps numpy to one core, as every bot does; the workers share out the others."""
    threadpool_limits(1, "blas")


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped content."""
    return load()


@pytest.fixture(scope="session")
def knowledge(content: Content, cache_folder: Path) -> Knowledge:
    """The shipped content, ready to be asked; each language is learnt by one worker, and the others read it."""
    knowledge = Knowledge(content, encoder("wordllama"), Cache(cache_folder))
    second = WORKER.endswith(("1", "3", "5", "7", "9"))
    for reader in knowledge.readers[::-1] if second else knowledge.readers:
        with FileLock(cache_folder.with_name(f"{reader.code}.lock")):
            assert reader.gap_names
    gc.collect()
    gc.freeze()  # as the bot does: otherwise each collection walks through the content again
    return knowledge


@pytest.fixture
def prepared(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line is given the shipped content as it was made ready for all tests; any other it makes ready."""
    anew = preparing.prepared

    def once(settings: Settings, say: Callable[[str], object]) -> Knowledge:
        shipped = (settings.content, settings.contact, settings.encoder) == ((), "", Settings.encoder)
        return knowledge if shipped else anew(settings, say)

    monkeypatch.setattr(preparing, "prepared", once)


@pytest.fixture(scope="session")
def small_content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the shipped one, with a few entries of its topic in English alone."""
    folder = tmp_path_factory.mktemp("small") / "content"
    shutil.copytree(layout.SHIPPED / "languages", folder / "languages")
    shutil.copy(layout.SHIPPED / "places.yaml", folder)
    shutil.copytree(layout.SHIPPED / TOPIC / "announcements", folder / TOPIC / "announcements")
    facts, _, relations = (layout.SHIPPED / TOPIC / "topic.yaml").read_text("utf-8").partition("# Entries whose answer")
    owned = relations[relations.index("owner:") :]  # what stands between is about more entries than these
    (folder / TOPIC / "topic.yaml").write_text(facts + owned, encoding="utf-8")
    shutil.copytree(SMALL, folder, dirs_exist_ok=True)
    return folder


@pytest.fixture
def small(small_content: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts that folder in the place of the shipped one: it is read and learnt in no time."""
    monkeypatch.setattr(layout, "SHIPPED", small_content)
    return small_content


@pytest.fixture(scope="session")
def asked(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Asked]]:
    """Gives what came of each question of a file: it is asked once, whoever wants to know."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if WORKER else own

    def of(name: str) -> list[Asked]:
        kept = shared / f"{name}.asked"
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                path = reach.QUESTIONS / TOPIC / f"{name}.yaml"
                kept.write_bytes(pickle.dumps(list(reach.ask(knowledge, [(TOPIC, path)], TODAY))))
            return pickle.loads(kept.read_bytes())  # noqa: S301

    return of


@pytest.fixture
async def desk(knowledge: Knowledge):
    """A desk over the shipped content and an empty ledger in memory."""
    async with open_ledger("sqlite:///:memory:") as ledger:
        yield Desk(knowledge, ledger, platforms=PLATFORMS)
