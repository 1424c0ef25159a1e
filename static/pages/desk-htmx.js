import "../events/desk/htmx-settings.js";
import "../events/desk/tabs.js";
