#!/usr/bin/env python
"""Django's command-line entrance."""

import os
import resource
import sys


def main() -> None:
    # A core dump would hold keys and what visitors wrote.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice_site.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
