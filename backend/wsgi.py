"""The WSGI entry point: `gunicorn backend.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - the applications had to be loaded

from backend.core import warming  # noqa: E402

warming.load_addresses()
if settings.INSIDE:
    from backend.core import work
    from backend.journal.gate import Gate
    from backend.registry import staging

    # Uploads that nobody came back for, also those of a process that was killed.
    staging.clean_up()
    work.clean_up()
    warming.load_templates()
    application = Gate(application)
warming.settle()
