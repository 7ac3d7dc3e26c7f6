"""What a stranger's file is, by its first bytes and never by its name."""

import pytest

from aldia.domain.incoming_files import LARGEST, kind_of, refusal_of

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 20


@pytest.mark.parametrize(
    ("content", "told", "kind"),
    [
        (JPEG, "image/jpeg", "image/jpeg"),
        (b"%PDF-1.7\n", "application/octet-stream", "application/pdf"),
        (b"OggS\0", "audio/ogg; codecs=opus", "audio/ogg"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4", "audio/mp4"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp", "image/webp"),
    ],
)
def test_what_it_says_and_shows_is_kept(content: bytes, told: str, kind: str) -> None:
    assert (kind_of(content, told), refusal_of(content, told)) == (kind, "")


@pytest.mark.parametrize(
    ("content", "told", "why"),
    [
        (b"<html><script>", "image/jpeg", "not_what_it_says"),
        (b"<svg onload=", "image/svg+xml", "not_what_it_says"),
        (b"%PDF-1.7\n", "image/png", "not_what_it_says"),
        (b"MZ\x90\0", "application/octet-stream", "not_what_it_says"),
        (b"PK\x03\x04", "application/zip", "not_what_it_says"),
        (b"", "image/jpeg", "empty"),
        (b"%PDF-" + b"0" * LARGEST, "application/pdf", "too_large"),
        (JPEG * 400_000, "image/jpeg", "too_large"),
    ],
)
def test_what_is_something_else_or_too_much_is_not(content: bytes, told: str, why: str) -> None:
    assert refusal_of(content, told) == why
