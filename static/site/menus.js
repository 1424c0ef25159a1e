// Menus that open over the page close again by a tap beside them, or by Escape.

document.addEventListener("click", ({ target }) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) {
      menu.open = false;
    }
  }
});

document.addEventListener("keydown", ({ key }) => {
  const menu = document.querySelector("details[data-menu][open]");
  if (key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
