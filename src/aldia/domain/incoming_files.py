"""Files that strangers send: what their first bytes say they are, and why one is not kept."""

from typing import Final

IMAGES: Final = ("image/jpeg", "image/png", "image/webp")
RECEIPTS: Final = (*IMAGES, "application/pdf")  # what can prove a payment
_GENERIC: Final = frozenset({"", "file", "application/octet-stream", "binary/octet-stream"})
_MEGABYTE: Final = 1024 * 1024
LARGEST: Final = 16 * _MEGABYTE
_LARGEST_OF: Final = {"image": 8 * _MEGABYTE}
_MP4: Final = "mp4"  # holds sound, or sound and picture: its first bytes do not tell which
_OFFICE: Final = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SIGNS: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
)


def kind_of(content: bytes, told: str) -> str:
    """Return the media type that the first bytes show; empty when they show none that is kept, or not the one that was told."""
    told = told.partition(";")[0].strip().lower()
    shown = _shown(content, told)
    is_told = told in _GENERIC or told == shown or (told, shown) == ("image/jpg", "image/jpeg")
    return shown if is_told else ""


def refusal_of(content: bytes, told: str) -> str:
    """Return why a file is not kept: `empty`, `too_large` or `not_what_it_says`; empty when it is kept."""
    if not content:
        return "empty"
    kind = kind_of(content, told)
    if len(content) > _LARGEST_OF.get(kind.partition("/")[0], LARGEST):
        return "too_large"
    return "" if kind else "not_what_it_says"


def _shown(content: bytes, told: str) -> str:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        return told if told in (f"audio/{_MP4}", f"video/{_MP4}") else f"video/{_MP4}"
    if content[:4] == b"PK\x03\x04":
        return told if told in _OFFICE else ""
    return next((kind for sign, kind in _SIGNS if content.startswith(sign)), "")
