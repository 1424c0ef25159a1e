// The page of one photo: the viewer's keys. Links say which is theirs.

document.addEventListener("keydown", (event) => {
  const { key, target, altKey, ctrlKey, metaKey, shiftKey } = event;
  const isTaken = altKey || ctrlKey || metaKey || shiftKey || event.defaultPrevented;
  if (isTaken || target.closest("input, textarea, select, dialog, details[open]")) {
    return;
  }
  document.querySelector(`.photo-page [data-key="${CSS.escape(key)}"]`)?.click();
});
