"""The Celery application: work waits as rows in our database, Celery only rings the bell.

Embedded default: kombu's `filesystem` transport, one worker process with threads and an embedded clock. The same task
code runs over RabbitMQ or Redis when ALDIA_BROKER_URL says so.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aldia.config.settings")

from django.conf import settings

from aldia.ops.schedule import SCHEDULE

app = Celery("aldia")
app.conf.update(
    broker_url=settings.BROKER_URL,
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    beat_scheduler="django_celery_beat.schedulers:DatabaseScheduler",
    beat_schedule=SCHEDULE,
)
if settings.BROKER_URL.startswith("filesystem"):
    folder = settings.HOME / "run" / "broker"
    for name in ("messages", "processed", "control"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    app.conf.broker_transport_options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "processed_folder": str(folder / "processed"),
        "control_folder": str(folder / "control"),
    }
app.autodiscover_tasks()
