// The selfie: live camera or a file, a look at it by the server, then the guest's own word.
// The form is a plain one underneath; whatever fails here, choosing a file and sending it works.

import { csrfHeaders } from "../../site/csrf.js";
import { brightness, hasCamera, shrink, start, still, stop } from "./camera.js";
import { send } from "./sending.js";
import { clearFaces, drawFaces } from "./which-face.js";

// Darker than this the server's check is likely to refuse.
const DARK = 45;
const LOOK_EVERY_MS = 700;
// Too large, or too many: with words.
const REFUSALS = new Set([413, 429]);

const form = document.querySelector(".selfie-form");
if (form) {
  enhance(form);
}

function enhance(form) {
  const find = (selector) => form.querySelector(selector);
  const [input, video, preview] = [".selfie-input", "video", ".viewfinder-preview"].map(find);
  const unseen = find(".viewfinder-unseen");
  const [hint, submit] = [".viewfinder-hint", "[data-submit]"].map(find);
  const [faces, checked] = [".viewfinder-faces", "[name=checked]"].map(find);
  const [retake, library] = ["[data-retake]", "[data-library]"].map(find);
  const canFilm = "camera" in form.dataset && hasCamera();
  let looking = 0;
  let checks = 0;
  let attempts = 0;
  let isLeaving = false;

  form.classList.add("is-enhanced");
  // The buttons open it; two ways to the same file would only confuse.
  input.tabIndex = -1;
  input.setAttribute("aria-hidden", "true");
  input.classList.add("visually-hidden");
  offerCamera(canFilm);
  if (preview.hasAttribute("src")) {
    goOnWithKept();
  } else {
    go("start");
  }

  find("[data-open-camera]").addEventListener("click", film);
  retake.addEventListener("click", again);
  find("[data-shutter]").addEventListener("click", shoot);
  library.addEventListener("click", choose);
  input.addEventListener("change", () => input.files[0] && take(input.files[0], false));
  preview.addEventListener("error", () => show(false)); // HEIC, which the server reads
  form.addEventListener("submit", hand);
  // Coming back with "back" finds the form as it was left: busy.
  window.addEventListener("pageshow", () => {
    busy(false);
    if (form.dataset.mood === "busy") {
      say("");
    }
  });
  window.addEventListener("pagehide", () => stop(video));
  document.addEventListener(
    "visibilitychange",
    () => document.hidden && state() === "live" && idle(),
  );
  if (canFilm && "autostart" in form.dataset) {
    film();
  }

  // Without one, choosing a picture is the way, and not another way.
  function offerCamera(isThere) {
    form.classList.toggle("has-camera", isThere);
    library.className = isThere ? "quiet" : "button";
  }

  // A picture that was sent without a script's help, and came back with the answer.
  function goOnWithKept() {
    const isUnusable = input.required;
    go("preview");
    say("", isUnusable ? "bad" : "");
  }

  function state() {
    return form.dataset.state;
  }

  function go(next, words = "") {
    form.dataset.state = next;
    say(words);
    clearInterval(looking);
  }

  function say(words, mood = "") {
    if (hint.textContent !== words) {
      hint.textContent = words;
    }
    form.dataset.mood = mood;
    // The one thing to do.
    retake.classList.toggle("button-plain", mood !== "bad");
  }

  async function film() {
    const mine = (attempts += 1);
    say(form.dataset.starting);
    const refused = await start(video, form.dataset.facing).then(
      () => false,
      () => true,
    );
    if (refused) {
      offerCamera(false);
    }
    if (mine !== attempts) {
      stop(video); // a picture was chosen while the browser asked
      return;
    }
    if (refused) {
      go("start", form.dataset.refused);
      return;
    }
    go("live", form.dataset.aim);
    looking = setInterval(() => {
      say(brightness(video) < DARK ? form.dataset.dark : form.dataset.aim);
    }, LOOK_EVERY_MS);
  }

  function idle() {
    stop(video);
    go("start");
  }

  async function shoot() {
    if (!video.videoWidth) {
      return;
    }
    const file = await still(video);
    stop(video);
    await take(file, form.dataset.facing === "user");
    // What comes next: a face, the consent, or another picture.
    const next = form.dataset.mood === "bad" ? retake : find("[name=face]:checked");
    (next ?? submit).focus({ preventScroll: true });
  }

  function choose() {
    input.removeAttribute("capture");
    input.click();
    input.setAttribute("capture", form.dataset.facing);
  }

  function again() {
    checks += 1;
    input.value = checked.value = "";
    forgetKept();
    clearFaces(faces);
    preview.hidden = unseen.hidden = true;
    if (form.classList.contains("has-camera")) {
      film();
    } else {
      go("start");
      input.click();
    }
  }

  async function take(chosen, mirrored) {
    const mine = (attempts += 1);
    say(form.dataset.checking); // a large one takes a while to read
    const file = await shrink(chosen);
    if (mine !== attempts) {
      return; // another was chosen meanwhile, or the camera opened
    }
    if (file !== input.files[0]) {
      const transfer = new DataTransfer();
      transfer.items.add(file);
      input.files = transfer.files;
    }
    forgetKept();
    URL.revokeObjectURL(preview.src);
    preview.src = URL.createObjectURL(file);
    show(true);
    preview.classList.toggle("is-mirrored", mirrored);
    stop(video);
    clearFaces(faces);
    go("preview");
    await check(file, mirrored);
    find(".viewfinder").scrollIntoView({ block: "nearest" });
  }

  async function check(file, mirrored) {
    const mine = (checks += 1);
    checked.value = "";
    say(form.dataset.checking, "checking");
    const body = new FormData();
    body.append("image", file);
    const answer = await fetch(form.dataset.checkUrl, {
      method: "POST",
      headers: { Accept: "application/json", ...csrfHeaders() },
      body,
    })
      .then((response) => (response.ok || REFUSALS.has(response.status) ? response.json() : null))
      .catch(() => null);
    if (mine !== checks) {
      return; // another picture was taken meanwhile
    }
    if (answer?.faces) {
      ask(answer, mirrored);
      return;
    }
    // No answer is no verdict, nor is that there were too many: the picture can be sent, and is
    // looked at then.
    const verdict = answer?.code === "too_many_checks" ? null : answer;
    checked.value = verdict?.code ?? "";
    say(
      answer?.reason ?? answer?.advice ?? answer?.praise ?? "",
      verdict ? (verdict.code ? "bad" : "good") : "",
    );
  }

  // Which of the faces it is. Where the picture is not seen, the answer to the form asks.
  function ask(answer, mirrored) {
    say(answer.reason, "which");
    if (!preview.hidden) {
      drawFaces(faces, answer, mirrored, (reason) =>
        say(reason || answer.reason, reason ? "bad" : "which"),
      );
    }
  }

  // What came back with the page belongs to the picture that did.
  function forgetKept() {
    form.querySelectorAll("[name=picture], .selfie-error").forEach((one) => one.remove());
    input.required = true;
  }

  // The answer comes while the picture stays where it is.
  async function hand(event) {
    if (isLeaving) {
      return;
    }
    event.preventDefault();
    // Enter sends a form whose button is hidden, too.
    if (["bad", "checking", "busy"].includes(form.dataset.mood)) {
      return;
    }
    const by = event.submitter ?? submit;
    busy(true);
    say(form.dataset.busy, "busy");
    const answer = await send(form, by);
    if (answer.next) {
      location.assign(answer.next);
    } else if (answer.isPage || answer.code?.startsWith("prove")) {
      isLeaving = true;
      form.requestSubmit(by);
    } else {
      busy(false);
      takeRefusal(answer);
    }
  }

  function takeRefusal(answer) {
    if (answer.faces) {
      ask(answer, preview.classList.contains("is-mirrored"));
      return;
    }
    if (answer.confirm) {
      find(".selfie-confirm").innerHTML = answer.confirm; // other words than those that were agreed to
    }
    const isBad = !answer.isLost && !answer.again;
    checked.value = isBad ? answer.code : "";
    say(answer.isLost ? form.dataset.lost : answer.reason, isBad ? "bad" : "");
  }

  // The picture, or a word in its place.
  function show(isSeen) {
    preview.hidden = !isSeen;
    unseen.hidden = isSeen;
    if (!isSeen) {
      clearFaces(faces);
    }
  }

  function busy(isBusy) {
    // Not `disabled`: a disabled button's value, which is the consent, would not be sent.
    submit.setAttribute("aria-disabled", String(isBusy));
  }
}
