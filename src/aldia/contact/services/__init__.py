"""Writes of the room, by verb: orders, links, verification, templates, channels, and the worker's passes."""

from aldia.contact.calls.dialling import CallDraft, CallRefused, call_now
from aldia.contact.calls.following import count_untold, talked, tell_outcome
from aldia.contact.calls.gestures import hang_up, play_client
from aldia.contact.calls.listening import keep_listening
from aldia.contact.calls.recordings import RecordingGone, delete_expired, open_recording
from aldia.contact.calls.selectors import UnknownCall as UnknownPhoneCall
from aldia.contact.house.tightening import (
    HouseRuleRefused,
    UnknownHouseRule,
    end_tightening,
    tighten,
)
from aldia.contact.inbox_server import InboxServer
from aldia.contact.links import link_of, make_link, note_opening, resolve_link, revoke_links
from aldia.contact.mail_server import MailServer
from aldia.contact.outbox.passes import expire_leases, send_due, send_simulated_day
from aldia.contact.outbox.staff import send_staff_mail
from aldia.contact.outbox.webhooks import check_address, send_webhooks
from aldia.contact.services.answering import UnknownReply, close_reply, identify_reply, stop_by_reply, suggest
from aldia.contact.services.arriving import (
    UnknownDoor,
    answer_to_challenge,
    keep_call,
    keep_mail,
    open_door,
    process_arrivals,
)
from aldia.contact.services.campaigns import (
    BrakeRefused,
    CountChanged,
    ask_provider,
    brake_campaign,
    release_campaign,
    stop_campaign,
)
from aldia.contact.services.exchanges import set_exchange, set_extensions, try_exchange
from aldia.contact.services.fetching import InboxRefused, fetch_mail, set_inbox
from aldia.contact.services.gateways import (
    ChannelNotReady,
    GatewayRefused,
    propose_texts,
    set_gateway,
    switch_channel,
    try_gateway,
)
from aldia.contact.services.incoming import UnknownFile, fetch_again, fetch_files
from aldia.contact.services.letters import print_letters
from aldia.contact.services.listening import fetch_sms
from aldia.contact.services.mail_server import (
    MailNotReady,
    MailServerRefused,
    SenderRefused,
    Tried,
    set_mail_server,
    set_sender,
    switch_mail,
    try_mail,
    write_to_member,
)
from aldia.contact.services.mail_signing import SigningRefused, make_signing_key, switch_signing
from aldia.contact.services.orders import (
    THANKS,
    ClaimDraft,
    DocumentsNotFound,
    OrderDraft,
    cancel_orders,
    order_rows,
    place_orders,
    resolve_unknown,
    send_now,
    void_sandbox,
    withdraw_orders,
)
from aldia.contact.services.settings import (
    OwnTextNeedsAnother,
    ensure_templates,
    publish_template,
    save_draft,
    set_channel,
)
from aldia.contact.services.staff_mail import StaffMailDraft, write_to_staff
from aldia.contact.services.taking import keep_written
from aldia.contact.services.verification import (
    TooManyTries,
    VerificationFailed,
    send_code,
    verify_code,
    verify_digits,
)
from aldia.contact.services.webhooks import (
    SUSPEND,
    AddressRefused,
    UnknownCall,
    call_rows,
    pause_webhook,
    remove_webhook,
    restore_services,
    rotate_webhook,
    set_webhook,
    tell_again,
)
from aldia.contact.touches import TouchDraft, record_first_touch, record_touch

__all__ = [
    "SUSPEND",
    "THANKS",
    "AddressRefused",
    "BrakeRefused",
    "CallDraft",
    "CallRefused",
    "ChannelNotReady",
    "ClaimDraft",
    "CountChanged",
    "DocumentsNotFound",
    "GatewayRefused",
    "HouseRuleRefused",
    "InboxRefused",
    "InboxServer",
    "MailNotReady",
    "MailServer",
    "MailServerRefused",
    "OrderDraft",
    "OwnTextNeedsAnother",
    "RecordingGone",
    "SenderRefused",
    "SigningRefused",
    "StaffMailDraft",
    "TooManyTries",
    "TouchDraft",
    "Tried",
    "UnknownCall",
    "UnknownDoor",
    "UnknownFile",
    "UnknownHouseRule",
    "UnknownPhoneCall",
    "UnknownReply",
    "VerificationFailed",
    "answer_to_challenge",
    "ask_provider",
    "brake_campaign",
    "call_now",
    "call_rows",
    "cancel_orders",
    "check_address",
    "close_reply",
    "count_untold",
    "delete_expired",
    "end_tightening",
    "ensure_templates",
    "expire_leases",
    "fetch_again",
    "fetch_files",
    "fetch_mail",
    "fetch_sms",
    "hang_up",
    "identify_reply",
    "keep_call",
    "keep_listening",
    "keep_mail",
    "keep_written",
    "link_of",
    "make_link",
    "make_signing_key",
    "note_opening",
    "open_door",
    "open_recording",
    "order_rows",
    "pause_webhook",
    "place_orders",
    "play_client",
    "print_letters",
    "process_arrivals",
    "propose_texts",
    "publish_template",
    "record_first_touch",
    "record_touch",
    "release_campaign",
    "remove_webhook",
    "resolve_link",
    "resolve_unknown",
    "restore_services",
    "revoke_links",
    "rotate_webhook",
    "save_draft",
    "send_code",
    "send_due",
    "send_now",
    "send_simulated_day",
    "send_staff_mail",
    "send_webhooks",
    "set_channel",
    "set_exchange",
    "set_extensions",
    "set_gateway",
    "set_inbox",
    "set_mail_server",
    "set_sender",
    "set_webhook",
    "stop_by_reply",
    "stop_campaign",
    "suggest",
    "switch_channel",
    "switch_mail",
    "switch_signing",
    "talked",
    "tell_again",
    "tell_outcome",
    "tighten",
    "try_exchange",
    "try_gateway",
    "try_mail",
    "verify_code",
    "verify_digits",
    "void_sandbox",
    "withdraw_orders",
    "write_to_member",
    "write_to_staff",
]
