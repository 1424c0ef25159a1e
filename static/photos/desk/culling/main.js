// Going through photos by keys: each decision shows at once, is sent in turn, and is taken back where
// the server does not take it. Without this script the page's links and buttons do the same.

import { csrfHeaders } from "../../../site/csrf.js";
import { changeOf, createPhotos } from "./photos.js";

const read = (id) => JSON.parse(document.getElementById(id).textContent);

export function start(root) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const buttons = [...root.querySelectorAll("button[name=deed]")];
  const ids = read("cull-ids");
  const addresses = read("cull-addresses");
  const addressOf = (id, kind = "photo") => addresses[kind].replace("/0/", `/${id}/`);
  const photos = createPhotos({ ids, told: read("cull-told"), ask });
  let at = ids.indexOf(Number(root.dataset.cull));
  let sending = Promise.resolve();
  let pending = 0;

  part("bar").addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) decide(event.submitter);
  });
  for (const [name, step] of [
    ["previous", -1],
    ["following", 1],
  ]) {
    part(name).addEventListener("click", (event) => {
      event.preventDefault();
      go(step);
    });
  }
  for (const name of ["back", "details", "remove"]) {
    part(name).addEventListener("click", leave);
  }
  window.addEventListener("beforeunload", (event) => {
    if (pending) event.preventDefault();
  });
  document.addEventListener("keydown", onKey);
  paint(photos.of(ids[at]));
  preload();

  async function ask(id) {
    const response = await fetch(addressOf(id), { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return (await response.json()).photos;
  }

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowLeft") return act(event, () => go(-1));
    if (event.key === "ArrowRight") return act(event, () => go(1));
    if (event.key === "Escape") return act(event, () => part("back").click());
    if (event.key === "Delete") return act(event, () => part("remove").click());
    if (event.key === "?") return act(event, () => part("keys").toggleAttribute("open"));
    const key = event.key.toUpperCase();
    const button = buttons.find((one) => !one.hidden && one.ariaKeyShortcuts === key);
    if (button) act(event, () => decide(button));
  }

  function act(event, deed) {
    event.preventDefault();
    deed();
  }

  async function go(step) {
    const to = at + step;
    if (to < 0 || to >= ids.length) return;
    at = to;
    say("");
    try {
      const photo = await photos.need(to);
      if (at !== to) return;
      history.replaceState(null, "", addressOf(photo.id));
      paint(photo);
      preload();
      tell(`${to + 1} / ${ids.length}, ${photo.taken}`);
    } catch {
      say(root.dataset.failed);
    }
  }

  function decide(button) {
    const id = ids[at];
    const deed = button.value;
    photos.expect(id, changeOf(deed));
    say("");
    tell(button.dataset.said);
    repaint(id);
    pending += 1;
    sending = sending
      .then(() => send(id, deed))
      .catch((error) => refuse(id, error))
      .finally(() => (pending -= 1));
  }

  // What was decided is sent first; where it was not taken, that is read before one goes.
  async function leave(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { href } = event.currentTarget;
    event.preventDefault();
    say("");
    await sending;
    if (!part("error").textContent) location.assign(href);
  }

  async function send(id, deed) {
    const response = await fetch(addressOf(id), {
      method: "POST",
      headers: { Accept: "application/json", ...csrfHeaders() },
      body: new URLSearchParams({ deed }),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.reason);
    photos.confirm(answer);
    repaint(id);
  }

  function refuse(id, error) {
    photos.takeBack(id);
    repaint(id);
    const isOurs = error.message && !(error instanceof TypeError || error instanceof SyntaxError);
    say(isOurs ? error.message : root.dataset.failed);
  }

  function repaint(id) {
    if (ids[at] === id) paint(photos.of(id));
  }

  function paint(photo) {
    const picture = part("picture");
    const source = photo.ready ? addressOf(photo.id, "picture") : "";
    if (picture.getAttribute("src") !== source) {
      if (source) picture.src = source;
      else picture.removeAttribute("src");
    }
    picture.alt = photo.name;
    root.classList.toggle("is-hidden", photo.hidden);
    part("hidden").hidden = !photo.hidden || photo.waits;
    part("waits").hidden = !photo.waits;
    part("highlight").hidden = !photo.highlight;
    part("caption").textContent = `${photo.taken} · ${photo.name}`;
    part("place").textContent = `${at + 1} / ${ids.length}`;
    part("details").href = addressOf(photo.id, "details");
    part("remove").href = addressOf(photo.id, "remove");
    part("previous").hidden = at === 0;
    part("following").hidden = at === ids.length - 1;
    part("bar").action = addressOf(photo.id);
    paintButtons(photo);
  }

  function paintButtons(photo) {
    const offered = {
      approve: photo.waits,
      reject: photo.waits,
      hide: !photo.hidden,
      show: photo.hidden && !photo.waits,
      highlight: !photo.highlight,
      plain: photo.highlight,
    };
    const focused = buttons.find((one) => one === document.activeElement);
    for (const button of buttons) {
      if (button.value in offered) button.hidden = !offered[button.value];
      else button.ariaPressed = String(button.value === `section-${photo.section}`);
    }
    // The button that takes its place has the focus, where it had it.
    if (focused?.hidden) {
      const key = focused.ariaKeyShortcuts;
      const next = buttons.find((one) => !one.hidden && one.ariaKeyShortcuts === key);
      (next ?? buttons.find((one) => !one.hidden)).focus();
    }
  }

  function preload() {
    for (const near of [at + 1, at + 2, at - 1]) {
      const photo = photos.of(ids[near]);
      if (photo?.ready) new Image().src = addressOf(photo.id, "picture");
    }
  }

  function say(error) {
    part("error").textContent = error;
  }

  function tell(words) {
    part("status").textContent = words;
  }
}

const root = document.querySelector("[data-cull]");
if (root) start(root);
