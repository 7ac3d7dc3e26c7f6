"""What a first visit makes a browser fetch: the page and what its HTML names, in bytes as they leave."""

import re

from django.test import Client

ACCEPTED = {"HTTP_ACCEPT_ENCODING": "gzip"}
_NAMED = re.compile(r"""(?:src|href)=["'](/static/[^"'#]+)""")


def first_visit(client: Client, address: str) -> dict[str, int]:
    """Return the bytes of each answer by its address."""
    page = client.get(address, follow=True, **ACCEPTED)
    html = client.get(address, follow=True).content.decode()
    weights = {address: len(page.content)}
    for named in dict.fromkeys(_NAMED.findall(html)):
        weights[named] = _weight(client, named)
        if named.endswith(".css"):
            style = b"".join(client.get(named)).decode()
            fonts = re.findall(r"url\((/static/[^)]+woff2)\)", style)
            weights |= {font: _weight(client, font) for font in fonts}
    return weights


def _weight(client: Client, address: str) -> int:
    answer = client.get(address, **ACCEPTED)
    assert answer.status_code == 200, address
    return len(b"".join(answer)) if answer.streaming else len(answer.content)
