"""Bank lines judged: what speaks for a client, how sure it is, and when a person must look."""

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aldia.domain import matching as m

POLICY = m.Policy()
ANA = m.Client(
    1, "Ferretería Ñandú S.A.", "30-71000000-1",
    (
        m.Debt(11, "FC A 0003-00000031", 10_000, date(2026, 1, 1)), m.Debt(12, "FC A 0003-00000032", 5_000, date(2026, 2, 1)),
        m.Debt(13, "FC A 0003-00000033", 7_000, date(2026, 3, 1), frozenset({"240000000111369979"})),
    ),
)  # fmt: skip


def judged(
    minor: int, text: str = "", client: m.Client = ANA, policy: m.Policy = POLICY, **told: Any
) -> m.Proposal:
    found = m.judge(m.Line(minor, text, **told), client, policy)
    assert found is not None
    return found


def codes(proposal: m.Proposal) -> list[str]:
    return [reason.code for reason in proposal.reasons]


def test_the_number_and_the_amount_to_the_cent_are_sure() -> None:
    found = judged(10_000, "pago fc a 0003-00000031")
    assert (found.confidence, found.documents, codes(found)) == (100, (11,), [m.NAMED, m.CLOSES_NAMED])


def test_several_named_documents_are_closed_together() -> None:
    assert judged(15_000, "0003-00000031 0003-00000032").documents == (11, 12)


def test_the_digits_alone_are_less_than_the_whole_number() -> None:
    assert codes(judged(10_000, "fact 300000031")) == [m.NAMED_TAIL, m.CLOSES_NAMED]
    assert judged(10_000, "fact 300000031").confidence < POLICY.threshold


def test_our_number_and_the_tax_id_name_their_client() -> None:
    assert codes(judged(7_000, "240000000111369979")) == [m.MARK, m.CLOSES_NAMED]
    assert codes(judged(10_000, payer_tax_id="30710000001")) == [m.TAX_ID, m.CLOSES_ONE]
    own = replace(ANA, marks=frozenset({"646180110400000007"}))
    assert codes(judged(1, "SPEI 646180110400000007", own)) == [m.MARK]


def test_a_payer_known_by_account_with_an_amount_that_closes_is_sure() -> None:
    found = judged(22_000, payer="X", client=replace(ANA, by_account=2))
    assert (found.confidence, codes(found)) == (92, [m.SAME_ACCOUNT, m.CLOSES_ALL])
    assert judged(10_000, payer="X", client=replace(ANA, by_account=1)).confidence >= POLICY.threshold


def test_a_name_without_legal_form_or_accents_is_the_name() -> None:
    assert codes(judged(15_000, payer="NANDU FERRETERIA SRL")) == [m.NAME, m.CLOSES_OLDEST]
    assert m.judge(m.Line(1, "", payer="Ferretería Sur"), ANA, POLICY) is None


def test_some_documents_that_add_up_are_found_only_where_there_is_one_way() -> None:
    assert judged(12_000, client=replace(ANA, by_name=1), payer="X").documents == (12, 13)
    twins = replace(ANA, debts=(*ANA.debts, m.Debt(14, "X", 5_000, date(2026, 4, 1))), by_name=1)
    assert judged(12_000, client=twins, payer="X").documents == ()


def test_a_charge_within_tolerance_and_a_withholding_are_told_apart() -> None:
    charge = judged(9_990, "0003-00000031", policy=m.Policy(tolerance_minor=10))
    assert (codes(charge)[-1], charge.short_minor, charge.documents) == (m.NEARLY, 10, (11,))
    withheld = judged(9_750, "0003-00000031", policy=m.Policy(withholding_rates=(250,)))
    assert (codes(withheld)[-1], withheld.short_minor) == (m.WITHHELD, 250)
    assert codes(judged(9_750, "0003-00000031"))[-1] == m.PART
    assert codes(judged(10_500, "0003-00000031"))[-1] == m.MORE


def test_two_clients_that_come_near_are_a_doubt_whoever_leads() -> None:
    other = replace(ANA, key=2)
    first, second = m.rank([judged(10_000, "0003-00000031"), judged(10_000, "0003-00000031", other)])
    assert (first.confidence, first.reasons[-1].code) == (m.DOUBT, m.RIVALS)
    assert second.confidence <= first.confidence


def test_an_amount_alone_is_never_enough() -> None:
    assert judged(10_000).confidence < 50
    assert m.judge(m.Line(123, "hola"), ANA, POLICY) is None


@given(st.integers(1, 60_000), st.text(max_size=40), st.text(max_size=20))
def test_a_proposal_never_covers_a_document_twice_nor_leaves_the_scale(
    minor: int, text: str, payer: str
) -> None:
    found = m.judge(
        m.Line(minor, text, payer=payer), ANA, m.Policy(tolerance_minor=50, withholding_rates=(250, 1050))
    )
    if found is None:
        return
    assert 0 <= found.confidence <= 100
    assert len(set(found.documents)) == len(found.documents)
    assert found.short_minor >= 0


def test_a_word_that_few_clients_bear_is_worth_a_look_only_where_nothing_else_speaks() -> None:
    known = replace(ANA, rare=frozenset({"nandu"}))
    found = judged(1_234, "TRANSF NANDU HNOS", known)
    assert (codes(found)[0], found.reasons[0].text) == (m.NAME_WORD, "nandu")
    assert found.confidence < m.Policy().threshold / 2
    assert m.judge(m.Line(1_234, "TRANSF NANDU HNOS"), ANA, POLICY) is None
    sure = judged(10_000, "pago fc a 0003-00000031 nandu", known)
    assert sure == judged(10_000, "pago fc a 0003-00000031 nandu"), "it adds nothing to better evidence"
    assert m.telling_words("Ñandú 2000 de la Paz") == {"nandu"}
