"""What servers say of an address that is gone, and what sounds like it and is not: in their words, without a code that helps."""

import pytest

from aldia.contact.inbound.reasons import is_hard, reason_of

GONE = """
address not present in directory
sorry, badrcptto
can't find user
cannot verify recipient
does not have an email account here
is not an active address at this host
no mail box available for this user
no thank you rejected: account unavailable
non-existent address
does not have a final email delivery point
rcpt unknown
recipient no longer on server
recipient not ok
there is no one at this address
this address does not receive mail
this recipient is not hosted here
user missing home directory
account not available
no matches found in the directory
recipient domain must exist
unable to find the domain
the domain b.example couldn't be found
the account or domain may not exist
""".strip().splitlines()
NOT_GONE = """
your envelope sender domain must exist
sender verify failed
recipient address rejected: unverified address: address verification in progress
user is over the quota
due to extended inactivity new mail is not currently being accepted for this mailbox
refused due to recipient preferences
this mailbox is disabled
access denied, sending domain does not pass the check
temporary lookup failure
unable to lookup DNS
the recipient is only accepting mail from specific addresses
too many hops
""".strip().splitlines()


@pytest.mark.parametrize("words", GONE)
def test_an_address_that_is_gone_is_not_written_again(words: str) -> None:
    assert is_hard(reason_of(f"550 {words}", "5.0.0"), "5.0.0")


@pytest.mark.parametrize("words", NOT_GONE)
def test_what_may_pass_or_was_refused_leaves_the_address_alive(words: str) -> None:
    assert not is_hard(reason_of(f"550 {words}", "5.0.0"), "5.0.0")
