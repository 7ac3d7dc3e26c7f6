"""When the clock rings for each task of `ops.tasks`: plain data, so that Celery can read it before Django is up."""

SCHEDULE = {
    "aldia.send": {"task": "aldia.send", "schedule": 2.0, "options": {"expires": 10}},
    "aldia.take": {"task": "aldia.take", "schedule": 2.0, "options": {"expires": 10}},
    "aldia.ask": {"task": "aldia.ask", "schedule": 60.0, "options": {"expires": 50}},
    "aldia.fetch": {"task": "aldia.fetch", "schedule": 60.0, "options": {"expires": 50}},
    "aldia.listen": {"task": "aldia.listen", "schedule": 15.0, "options": {"expires": 12}},
    "aldia.drop": {"task": "aldia.drop", "schedule": 60.0, "options": {"expires": 50}},
    "aldia.link": {"task": "aldia.link", "schedule": 60.0, "options": {"expires": 50}},
    "aldia.live": {"task": "aldia.live", "schedule": 300.0, "options": {"expires": 280}},
    "aldia.asked": {"task": "aldia.asked", "schedule": 2.0, "options": {"expires": 10}},
    "aldia.news": {"task": "aldia.news", "schedule": 2.0, "options": {"expires": 10}},
    "aldia.lab": {"task": "aldia.lab", "schedule": 5.0, "options": {"expires": 10}},
    "aldia.thank": {"task": "aldia.thank", "schedule": 60.0, "options": {"expires": 50}},
    "aldia.digest": {"task": "aldia.digest", "schedule": 300.0, "options": {"expires": 280}},
    "aldia.seal": {"task": "aldia.seal", "schedule": 900.0, "options": {"expires": 800}},
    "aldia.backup": {"task": "aldia.backup", "schedule": 3600.0, "options": {"expires": 3500}},
}
