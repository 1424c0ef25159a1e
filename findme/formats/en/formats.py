"""English: 28 November 2026, 19:32."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j F Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
# With the month as a word: 3/4 is April here and March there.
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
DAY_FORMAT = "l j F"
DAY_AND_YEAR_FORMAT = "l j F Y"
HOUR_POINT_FORMAT = "j M, H:i"
PERIOD_LOCALE = "en_GB"
