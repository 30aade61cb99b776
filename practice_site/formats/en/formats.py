"""American formats of times and dates, also for names that Django does not have.

Another language needs a module of its own beside this one, with the same names.
"""

TIME_FORMAT = "g:i A"
# A date with its weekday, the year left out where it is plain.
WEEKDAY_FORMAT = "l, F j"
WEEKDAY_YEAR_FORMAT = "l, F j, Y"
MONTH_FORMAT = "F Y"
