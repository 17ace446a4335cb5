#!/usr/bin/env python
"""The portal from the shell."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.management import execute_from_command_line

    from portal import starting

    starting.check_before_command(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
