"""Bounces, replies, receipts, callbacks and gateway answers as published: equal to the reference, or each exception argued."""

from pathlib import Path

import pytest

from aldia.ops.conformance.running import run


@pytest.mark.parametrize(
    ("folder", "argued"),
    [
        ("messaging/email_bounce", 4),
        ("messaging/email_replies", 0),
        ("messaging/smpp_dlr", 0),
        ("messaging/sms_gateways", 1),
        ("messaging/whatsapp", 0),
        ("payments/mercadopago", 0),
    ],
)
def test_every_file_is_read_as_published(shared_data: Path, folder: str, argued: int) -> None:
    ((name, topic),) = run(shared_data / folder)["topics"].items()
    assert name == folder.split("/")[0]
    assert [each for each in topic["differences"] if not each.get("why")] == []
    assert topic["not_compared"] == []
    assert topic["cases"] - topic["equal"] <= argued
