import "../site/install.js";
