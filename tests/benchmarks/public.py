"""Public sets of questions with their intents, and knowledge bases simulated from them."""

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.answering.matching import Candidate, Phrasing

Said = tuple[str, str]
"""A question and its intent."""

NAMES = ("BANKING77", "CLINC150", "HWU64")

_DOMAINS = (
    "transfer transactions balance freeze_account pay_bill bill_balance bill_due interest_rate routing min_payment "
    "order_checks pin_change report_fraud account_blocked spending_history",
    "credit_score report_lost_card credit_limit rewards_balance new_card application_status card_declined "
    "international_fees apr redeem_rewards credit_limit_change damaged_card replacement_card_duration "
    "improve_credit_score expiration_date",
    "recipe restaurant_reviews calories nutrition_info restaurant_suggestion ingredients_list ingredient_substitution "
    "cook_time food_last meal_suggestion restaurant_reservation confirm_reservation how_busy cancel_reservation "
    "accept_reservations",
    "shopping_list shopping_list_update next_song play_music update_playlist todo_list todo_list_update calendar "
    "calendar_update what_song order order_status reminder reminder_update smart_home",
    "traffic directions gas gas_type distance current_location mpg oil_change_when oil_change_how jump_start uber "
    "schedule_maintenance last_maintenance tire_pressure tire_change",
    "book_flight book_hotel car_rental travel_suggestion travel_alert travel_notification carry_on timezone vaccines "
    "translate flight_status international_visa lost_luggage plug_type exchange_rate",
    "time alarm share_location find_phone weather text spelling make_call timer date calculator "
    "measurement_conversion flip_coin roll_dice definition",
    "direct_deposit pto_request taxes payday w2 pto_balance pto_request_status next_holiday insurance "
    "insurance_change schedule_meeting pto_used meeting_schedule rollover_401k income",
    "greeting goodbye tell_joke where_are_you_from how_old_are_you what_is_your_name who_made_you thank_you "
    "what_can_i_ask_you what_are_your_hobbies do_you_have_pets are_you_a_bot meaning_of_life who_do_you_work_for "
    "fun_fact",
    "change_ai_name change_user_name cancel user_name reset_settings whisper_mode repeat no yes maybe "
    "change_language change_accent change_volume change_speed sync_device",
)
_DOMAIN = {intent: domain for domain, intents in enumerate(_DOMAINS) for intent in intents.split()}
"""The ten domains of CLINC150, as its paper lists them."""


@dataclass(frozen=True)
class Public:
    """One set: its parts, and for CLINC150 what is out of scope."""

    name: str
    train: list[Said]
    test: list[Said]
    valid: list[Said] = field(default_factory=list)
    strange_valid: list[str] = field(default_factory=list)
    strange_test: list[str] = field(default_factory=list)

    def domain(self, intent: str) -> str:
        """What an intent belongs to; BANKING77 is all one domain."""
        return {"BANKING77": "", "CLINC150": str(_DOMAIN.get(intent))}.get(self.name, intent.partition("_")[0])

    def draw(self, k: int, seed: int) -> dict[str, list[str]]:
        """So many examples of each intent, drawn at random."""
        rng = random.Random(seed)
        return {intent: rng.sample(texts, min(k, len(texts))) for intent, texts in sorted(grouped(self.train).items())}


@dataclass(frozen=True)
class Simulated:
    """A knowledge base made of some intents; `near` and `far` are questions about others, in its domains or not."""

    entries: dict[str, list[str]]
    inside: list[Said]
    near: list[str]
    far: list[str]


def read(folder: Path) -> list[Public]:
    """The three sets, as their authors published them."""
    clinc = json.loads((folder / "clinc150" / "data_full.json").read_text())
    part = {name: [(text, intent) for text, intent in said] for name, said in clinc.items()}
    strange = [text for text, _ in part["oos_val"] + part["oos_train"]]
    hwu = [_lines(folder / "hwu64" / name) for name in ("train", "test", "valid")]
    return [
        Public("BANKING77", *(_table(folder / "banking77" / f"{name}.csv") for name in ("train", "test"))),
        Public("CLINC150", part["train"], part["test"], part["val"], strange, [text for text, _ in part["oos_test"]]),
        Public("HWU64", *hwu),
    ]


def simulated(public: Public, seed: int, test: bool) -> Simulated:
    """A knowledge base of 8 to 60 entries with 1 to 10 examples each; asked from the test part or what else is left."""
    rng = random.Random(f"{public.name} {seed} {test}")
    texts = grouped(public.train)
    domains = sorted({public.domain(intent) for intent in texts})
    rng.shuffle(domains)
    inner = domains[: max(2, len(domains) * 2 // 3)]
    candidates = sorted(intent for intent in texts if public.domain(intent) in inner)
    size, k = rng.randint(8, 60), rng.randint(1, 10)
    chosen = sorted(rng.sample(candidates, min(size, int(len(candidates) * 0.75))))
    entries = {intent: rng.sample(texts[intent], min(k, len(texts[intent]))) for intent in chosen}
    shown = {text for examples in entries.values() for text in examples}
    asked = grouped(public.test) if test else texts

    def some(intents: Iterable[str], most: int) -> list[Said]:
        pool = [(text, intent) for intent in intents for text in asked.get(intent, ()) if text not in shown]
        return rng.sample(pool, min(most, len(pool)))

    near, far = sorted(set(candidates) - set(chosen)), sorted(set(texts) - set(candidates))
    return Simulated(entries, some(chosen, 400), [t for t, _ in some(near, 400)], [t for t, _ in some(far, 200)])


def candidates(entries: dict[str, list[str]]) -> list[Candidate]:
    """Entries as the engine takes them."""
    return [Candidate(("", name), "entry", tuple(map(Phrasing, texts))) for name, texts in entries.items()]


def synthetic(sets: Sequence[Public], count: int) -> dict[str, list[str]]:
    """So many entries of four questions each, made of all texts but the test parts of the last two sets."""
    said = [(text, f"{s.name} {intent}") for s in sets for text, intent in s.train + s.valid]
    said += [(text, f"BANKING77 {intent}") for text, intent in sets[0].test]
    texts = grouped(said)
    fours = [texts[i][at : at + 4] for i in sorted(texts) for at in range(0, len(texts[i]) - 3, 4)]
    return {f"{number:05}": four for number, four in enumerate(random.Random(0).sample(fours, count))}


def grouped(said: Iterable[Said]) -> dict[str, list[str]]:
    """The questions by intent."""
    found = defaultdict(list)
    for text, intent in said:
        found[intent].append(text)
    return dict(found)


def _table(path: Path) -> list[Said]:
    with path.open(newline="", encoding="utf-8") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def _lines(folder: Path) -> list[Said]:
    texts, intents = ((folder / name).read_text(encoding="utf-8").splitlines() for name in ("seq.in", "label"))
    return list(zip(texts, intents, strict=True))
