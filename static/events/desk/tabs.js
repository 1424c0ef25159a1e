// Where the tabs of an event are wider than the screen, the one of this page is in sight.
const reveal = () => {
  for (const tabs of document.querySelectorAll(".desk-nav")) {
    const current = tabs.querySelector("[aria-current]");
    if (!current) continue;
    const left = current.offsetLeft - tabs.offsetLeft;
    tabs.scrollLeft = left - (tabs.clientWidth - current.offsetWidth) / 2;
  }
};

document.addEventListener("DOMContentLoaded", reveal);
