"""What is ours speaks the reader's language; what an organisation renamed stays as it was written."""

from django.utils.translation import override

from aldia.contact import selectors
from aldia.contact.models import Template
from aldia.strategy import selectors as strategy
from aldia.strategy import services as strategy_services
from tests.rooms.contact.conftest import NOON, Post


def test_the_name_of_a_notice_is_in_the_readers_language_until_somebody_renames_it(post: Post) -> None:
    def named() -> str:
        return dict(selectors.claim_templates(post.actor, "email"))["overdue_soft"]

    assert named() == "Recordatorio amable"
    with override("en"):
        assert named() == "Friendly reminder"
    with override("pt-br"):
        assert named() == "Lembrete amigável"
    Template.objects.of(post.organisation).filter(key="overdue_soft").update(name="El suave")
    with override("en"):
        assert named() == "El suave"


def test_the_name_of_a_strategy_is_in_the_readers_language(post: Post) -> None:
    strategy_services.ensure_catalogue(organisation_id=post.organisation.pk, now=NOON)
    with override("en"):
        names = {card.key: card.name for card in strategy.strategies(post.actor)}
    assert names == {"b2b_invoices": "Business invoices", "consumer_instalments": "Consumer instalments"}
