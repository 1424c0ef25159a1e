import "../events/desk/htmx-settings.js";
