import "../events/desk/desk.js";
import "../photos/desk/sections/dragging.js";
