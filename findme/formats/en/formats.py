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
MOMENT_FORMAT = "D j M, H:i"
HOUR_POINT_FORMAT = "j M, H:i"
PERIOD_LOCALE = "en_GB"
# Browsers send the first; people type and paste the others.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%y", "%d/%m/%y"]
DATE_INPUT_FORMATS += ["%d %B %Y", "%d %b %Y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S", "%H.%M", "%Hh%M", "%H h %M", "%Hh"]
