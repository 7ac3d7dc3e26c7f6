"""The plug board: settings, urls, wsgi and the Celery application. Imported by none."""
