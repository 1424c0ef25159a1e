"""How dates and times are written, by language: the one place.

Django looks here before it looks into its own (`FORMAT_MODULE_PATH`), and finds these names in
`date_format` and in the filter `date`. Ours beside Django's: `DAY_FORMAT`, a day of a gallery;
`DAY_AND_YEAR_FORMAT`, one of another year than the event's; `HOUR_POINT_FORMAT`, an hour of a
chart; `PERIOD_LOCALE`, whose habits Babel follows for the days from one to another.

They are as in running text. Where one stands alone, as a heading or under a photo, `capfirst` gives
it a capital, which French days lack.
"""
