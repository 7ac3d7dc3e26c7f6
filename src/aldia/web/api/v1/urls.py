"""The addresses of the API: the operations that `reads` and `writes` register when they are imported."""

from aldia.web.api.v1 import outside, reads, writes
from aldia.web.api.v1.doors import api

MODULES = (outside, reads, writes)
urls = api.urls
