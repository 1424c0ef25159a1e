// htmx writes no styles into the page: the content policy forbids it.
window.htmx.config.includeIndicatorStyles = false;
