"""The WSGI entry point, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aldia.config.settings")
application = get_wsgi_application()
gc.freeze()  # what was just loaded stays for good: looking it all over for garbage held a page up, now and then
