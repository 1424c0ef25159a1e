// The way to another time as a sheet over the gallery. Without it the link leads to a page.

const sheet = document.querySelector("#times");

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-opens=times]")) {
    sheet.showModal();
  } else if (event.target === sheet) {
    sheet.close(); // beside the sheet: what is around it belongs to the dialog element
  }
});
