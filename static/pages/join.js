import "../events/entrance/copy.js";
