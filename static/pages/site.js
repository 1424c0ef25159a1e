import "../site/install.js";
import "../site/menus.js";
import "../site/offline.js";
