"""What must hold for any rules: the strictest wins, nothing added loosens, and not knowing is never an advantage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aldia.contact.rulepacks import shipped_rules
from aldia.domain.compliance.history import PastContact, Standing
from aldia.domain.compliance.matching import ACTOR_KINDS, DEBT_KINDS, DEBTOR_KINDS
from aldia.domain.compliance.packs import (
    CHANNELS,
    CapPeriod,
    Consent,
    ContactWindow,
    EventBlock,
    ForbiddenTarget,
    FrequencyCap,
    Rule,
    RuleBook,
)
from aldia.domain.compliance.policy import ContactPolicy
from aldia.domain.compliance.windows import narrow
from tests.domain.compliance.people import ask, clocks, holidays, policy

COUNTRIES = ("MX", "CO", "CL", "PE", "AR", "BR", "ES", "US", "GB", "EC", "GT", "PY", "DO", "FR")
REGIONS = {
    "BR": "BR-RJ",
    "US": "US-MA",
    "CL": "CL-RM",
    "AR": "AR-C",
    "GB": "GB-ENG",
    "MX": "MX-BCN",
    "ES": "ES-CN",
}
CONSENT_ORDER = ("opt_out", "opt_in_if_automated", "opt_in")

facts = st.fixed_dictionaries({
    "country": st.sampled_from(COUNTRIES),
    "debt": st.sampled_from(DEBT_KINDS),
    "debtor": st.sampled_from(DEBTOR_KINDS),
    "actor": st.sampled_from(ACTOR_KINDS),
})  # fmt: skip
channels = st.sampled_from(CHANNELS)
instants = st.integers(0, 14 * 24 * 60).map(
    lambda minute: datetime(2026, 11, 20, tzinfo=UTC) + timedelta(minutes=minute)
)
histories = st.lists(
    st.builds(
        PastContact,
        channel=channels,
        at=st.integers(0, 10 * 24 * 60).map(
            lambda minute: datetime(2026, 11, 15, tzinfo=UTC) + timedelta(minutes=minute)
        ),
        is_contact=st.booleans(),
        is_inbound=st.booleans(),
        creditor_id=st.sampled_from(["c1", "c2", None]),
        debt_ids=st.sampled_from([frozenset({"d1"}), frozenset({"d2"}), frozenset()]),
    ),
    max_size=8,
)
hours = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda pair: pair[0] < pair[1])
some_channels = st.lists(channels, min_size=1, max_size=6, unique=True).map(tuple)
weeks = st.tuples(*[st.lists(hours, max_size=1).map(tuple)] * 7)
rule_params = st.one_of(
    st.builds(ContactWindow, channels=some_channels, week=weeks, closes_on_holidays=st.booleans()),
    st.builds(
        FrequencyCap,
        maximum=st.integers(0, 3),
        unit=st.sampled_from(["attempts", "contacts"]),
        period=st.sampled_from(
            [CapPeriod("calendar_day"), CapPeriod("calendar_week"), CapPeriod("rolling_days", 5)]
        ),
        scope=st.sampled_from(["debt", "person_and_debt", "debtor", "debtor_and_creditor"]),
        channels=some_channels,
        is_pooled=st.booleans(),
        min_gap_days=st.integers(0, 3),
    ),
    st.builds(
        EventBlock,
        trigger=st.sampled_from(["direct_contact", "telephone_conversation"]),
        effect=st.just("block_all"),
        days=st.integers(1, 9),
    ),
    st.builds(ForbiddenTarget, targets=st.sampled_from([("employer",), ("debtor",)])),
    st.builds(Consent, model=st.just("opt_in_per_channel"), channels=some_channels),
)


def own(params: object) -> Rule:
    kind = {ContactWindow: "contact_window", FrequencyCap: "frequency_cap", EventBlock: "event_block"}
    return Rule("ORG-1", "", kind.get(type(params), "consent"), params, "hard")  # type: ignore[arg-type]


def tightened(*rules: Rule) -> RuleBook:
    return shipped_rules().with_organisation(tightenings=rules, switched_on=frozenset(), version="1")


def is_at_least_as_strict(strict: ContactPolicy, loose: ContactPolicy) -> bool:
    for channel in CHANNELS:
        one, other = strict.hours[channel], loose.hours[channel]
        if narrow(one.week, other.week) != one.week or one.closes_on_holidays < other.closes_on_holidays:
            return False
        asked = loose.consents.get(channel)
        given_ = strict.consents.get(channel)
        if asked and (given_ is None or CONSENT_ORDER.index(given_.model) < CONSENT_ORDER.index(asked.model)):
            return False
    return (
        set(loose.caps) <= set(strict.caps)
        and set(loose.blocks) <= set(strict.blocks)
        and set(loose.targets) <= set(strict.targets)
        and set(loose.contents) <= set(strict.contents)
        and set(loose.bans) <= set(strict.bans)
        and {rule.id for rule in loose.rules} <= {rule.id for rule in strict.rules}
    )


@given(
    known=facts,
    forgotten=st.sets(st.sampled_from(["country", "debt", "debtor", "actor", "region"]), min_size=1),
)
@settings(max_examples=150, deadline=None)
def test_forgetting_a_fact_never_loosens_a_policy(known: dict[str, str], forgotten: set[str]) -> None:
    full = {**known, "region": REGIONS.get(known["country"])}
    part = {name: None if name in forgotten else value for name, value in full.items()}
    if part["country"] is None:
        part["region"] = None
    assert is_at_least_as_strict(policy(**part), policy(**full))  # type: ignore[arg-type]


@given(known=facts, channel=channels, at=instants, history=histories)
@settings(max_examples=80, deadline=None)
def test_an_act_allowed_without_knowing_the_region_is_allowed_in_any(
    known: dict[str, str], channel: str, at: datetime, history: list[PastContact]
) -> None:
    country, region = known["country"], REGIONS.get(known["country"])
    blind = ask(policy(**known), channel, at, zones=clocks(country), history=history)
    informed = ask(
        policy(**known, region=region), channel, at, zones=clocks(country, region), history=history
    )
    assert informed.allowed or not blind.allowed


@given(known=facts, params=rule_params, channel=channels, at=instants, history=histories)
@settings(max_examples=200, deadline=None)
def test_a_rule_added_by_an_organisation_never_loosens(
    known: dict[str, str], params: object, channel: str, at: datetime, history: list[PastContact]
) -> None:
    zones = clocks(known["country"])
    law = ask(policy(**known), channel, at, zones=zones, history=history)
    both = ask(policy(**known, book=tightened(own(params))), channel, at, zones=zones, history=history)
    assert law.allowed or not both.allowed
    if both.next_allowed_at is not None:
        assert law.next_allowed_at is not None
        assert law.next_allowed_at <= both.next_allowed_at


@given(params=rule_params, channel=channels, at=instants, history=histories)
@settings(max_examples=100, deadline=None)
def test_a_law_added_to_a_country_never_loosens_what_is_already_law(
    params: object, channel: str, at: datetime, history: list[PastContact]
) -> None:
    book = shipped_rules()
    law = policy("CO", debt="consumer_credit", actor="creditor")
    pack = book.packs["CO"]
    wider = replace(pack, rules=(*pack.rules, replace(own(params), country="CO")))
    both = policy(
        "CO", debt="consumer_credit", actor="creditor", book=RuleBook({**book.packs, "CO": wider}, "test")
    )
    before = ask(law, channel, at, zones=clocks("CO"), history=history)
    after = ask(both, channel, at, zones=clocks("CO"), history=history)
    assert before.allowed or not after.allowed


@given(known=facts, channel=channels, at=instants, history=histories)
@settings(max_examples=100, deadline=None)
def test_the_next_instant_is_itself_allowed(
    known: dict[str, str], channel: str, at: datetime, history: list[PastContact]
) -> None:
    region = REGIONS.get(known["country"])
    rules, zones = policy(**known, region=region), clocks(known["country"], region)
    now = max([at, *(entry.at for entry in history)])
    off = holidays(known["country"])
    verdict = ask(rules, channel, now, zones=zones, history=history, is_holiday=off, place="home")
    if verdict.next_allowed_at is not None:
        then = ask(
            rules,
            channel,
            verdict.next_allowed_at,
            zones=zones,
            history=history,
            is_holiday=off,
            place="home",
        )
        assert then.allowed
        assert then.next_allowed_at == verdict.next_allowed_at
    assert verdict.allowed == (verdict.next_allowed_at == now)


@given(known=facts, seed=st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_rules_does_not_matter(known: dict[str, str], seed: object) -> None:
    book = shipped_rules()
    shuffled = {
        code: replace(pack, rules=tuple(seed.sample(pack.rules, len(pack.rules))))  # type: ignore[attr-defined]
        for code, pack in book.packs.items()
    }
    one, other = policy(**known), policy(**known, book=RuleBook(shuffled, "test"))
    assert is_at_least_as_strict(one, other)
    assert is_at_least_as_strict(other, one)


@pytest.mark.parametrize("country", COUNTRIES)
def test_an_opt_out_closes_the_channel_everywhere(country: str) -> None:
    when = datetime(2026, 11, 25, 15, tzinfo=UTC)
    refused = ask(
        policy(country), "email", when, zones=clocks(country), standing=Standing(opted_out=frozenset({"*"}))
    )
    assert "opted_out" in {reason.code for reason in refused.reasons}
    assert refused.next_allowed_at is None


def test_an_unknown_country_answers_never_and_names_what_is_missing() -> None:
    rules = policy(None, debt=None, debtor=None, actor=None)
    verdict = ask(rules, "call", datetime(2026, 11, 25, 15, tzinfo=UTC), zones=clocks(None))
    assert not verdict.allowed
    assert verdict.next_allowed_at is None
    assert set(verdict.missing) == {"country", "region", "debt_kind", "debtor_kind", "actor_kind"}
