// The page of one photo: offers the phone's share sheet where there is one.

import { canShareFiles, shareButton } from "./sharing.js";

const button = document.querySelector("[data-share]");
if (button && canShareFiles()) {
  button.hidden = false;
  shareButton(button, button.dataset, () => [button.dataset.share]);
}
