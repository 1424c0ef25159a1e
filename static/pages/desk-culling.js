import "../photos/desk/culling/main.js";
