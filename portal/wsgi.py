"""The WSGI application that a server such as gunicorn loads."""

import gc
import os

from django.core.wsgi import get_wsgi_application

from core import db_contention
from core.call_stack import with_room
from portal import starting

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = with_room(get_wsgi_application())
starting.check_database()
db_contention.wait_no_longer_than(db_contention.WEB)

# What is loaded by now lives as long as the process: the collector need not look at it again and again.
gc.collect()
gc.freeze()
