import "../photos/intake/upload/main.js";
