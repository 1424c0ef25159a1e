// The page of one photo, where the viewer was reloaded: "back" leads to the gallery that had opened it,
// which is told what was seen last.

import { isElsewhere } from "../../site/own-address.js";

window.addEventListener("popstate", () => {
  if (isElsewhere()) {
    history.replaceState({ viewer: document.querySelector(".photo-back").hash.slice(1) }, "");
    location.reload();
  }
});
