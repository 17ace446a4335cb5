"""Read by gunicorn when it is started here: what is wrong stops it before it forks."""


def on_starting(server):
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    from portal import starting

    starting.check_database()
