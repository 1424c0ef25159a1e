import "../site/install.js";
import "../site/menus.js";
