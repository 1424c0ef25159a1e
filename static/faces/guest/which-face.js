// Several faces in a selfie: each a place to tap over the picture, one of them chosen.
// They are radio buttons, which keyboards and screen readers know, and which the form sends.

// Boxes are in parts of the picture. `onChoose` is told the reason why the chosen face cannot be
// taken; it is empty where it can.
export function drawFaces(place, { faces, width, height }, isMirrored, onChoose) {
  // Numbers count from the left as the guest sees it.
  const shown = isMirrored ? [...faces].reverse() : faces;
  const choices = shown.map((face, place) => choice(face, faces[place].label, isMirrored));
  place.replaceChildren(...choices);
  place.closest(".viewfinder").style.setProperty("--shape", width / height);
  place.onchange = ({ target }) => onChoose(target.dataset.reason);
}

export function clearFaces(place) {
  place.replaceChildren();
}

function choice(face, text, isMirrored) {
  const [left, top, width, height] = face.box;
  const label = Object.assign(document.createElement("label"), { className: "face-choice" });
  const side = isMirrored ? 1 - left - width : left;
  for (const [name, part] of Object.entries({ left: side, top, width, height })) {
    label.style[name] = `${100 * part}%`;
  }
  const input = Object.assign(document.createElement("input"), {
    type: "radio",
    name: "face",
    value: face.value,
    checked: face.likely,
  });
  input.dataset.reason = face.reason;
  const words = Object.assign(document.createElement("span"), {
    className: "visually-hidden",
    textContent: face.reason ? `${text}. ${face.reason}` : text,
  });
  label.append(input, words);
  return label;
}
