import "../events/desk/desk.js";
