// "Is this you?": answers by keys and fingers, and what htmx leaves to do: the focus, words where it
// did not work, and galleries that have changed.

import { process } from "../../site/htmx.js";
import { csrfHeaders } from "../../site/csrf.js";
import { stopWhenSignedOut } from "../../photos/gallery/news.js";
import { answerAt, kindOf, mayBegin } from "./swipe.js";

const ARROWS = { ArrowLeft: "no", ArrowRight: "yes" };
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const root = () => document.querySelector("#questions");
const isOurs = (element) => Boolean(element?.closest?.("#questions"));

document.addEventListener("keydown", (event) => takeKey(event));
document.addEventListener("pointerdown", (event) => follow(event));
document.addEventListener("submit", (event) => leave(event), true);
document.addEventListener("photos:renewed", ({ detail }) => takeIn(detail));
document.addEventListener("htmx:configRequest", (event) => signRequest(event));
document.addEventListener("htmx:beforeSwap", (event) => stopWhenSignedOut(event));
document.addEventListener("htmx:afterSettle", (event) => goOn(event));
for (const type of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(type, (event) => sayFailed(event));
}

// Only while the focus is on a question: elsewhere these keys are the page's.
function takeKey(event) {
  const question = event.target.closest?.("[data-question]");
  if (!question || event.ctrlKey || event.metaKey || event.altKey || event.repeat) {
    return;
  }
  const button =
    buttonOf(question, ARROWS[event.key]) ??
    question.querySelector(`button[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (button) {
    event.preventDefault();
    button.click();
  }
}

function buttonOf(question, answer) {
  return answer ? question.querySelector(`button[value=${answer}]`) : null;
}

// The card follows the finger, and is answered where it is let go far enough.
function follow(down) {
  const question = down.target.closest?.("[data-question]");
  const { clientX: x, clientY: y, pointerType, isPrimary, pointerId } = down;
  if (!question || !mayBegin({ x, width: innerWidth, pointerType, isPrimary })) {
    return;
  }
  let kind = "";
  const done = new AbortController();
  const end = () => {
    done.abort();
    place(question, 0);
  };
  const onMove = (move) => {
    if (move.pointerId !== pointerId) {
      return;
    }
    kind ||= kindOf(move.clientX - x, move.clientY - y);
    if (kind === "other") {
      end();
    } else if (kind) {
      place(question, move.clientX - x);
    }
  };
  const onUp = (up) => {
    const answer = kind && answerAt(up.clientX - x, question.offsetWidth);
    end();
    if (kind) {
      swallowClick();
    }
    buttonOf(question, answer)?.click();
  };
  window.addEventListener("pointermove", onMove, { signal: done.signal });
  window.addEventListener("pointerup", onUp, { signal: done.signal });
  window.addEventListener("pointercancel", end, { signal: done.signal });
}

// A swipe that ends on a link or button is no click on it.
function swallowClick() {
  const stop = (event) => {
    if (event.isTrusted) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  window.addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", stop, { capture: true }), 50);
}

function place(question, dx) {
  question.dataset.leaning = answerAt(dx, question.offsetWidth);
  question.classList.toggle("is-held", dx !== 0);
  question.style.transform =
    dx && !calm.matches ? `translateX(${dx}px) rotate(${(dx / question.offsetWidth) * 5}deg)` : "";
}

function leave(event) {
  const question = event.target.closest("[data-question]");
  if (question && event.submitter) {
    question.dataset.leaving = event.submitter.value;
  }
}

// The header has today's token; that of the form is of when it was made.
function signRequest({ detail }) {
  if (isOurs(detail.elt)) {
    detail.formData.delete("csrfmiddlewaretoken");
    Object.assign(detail.headers, csrfHeaders());
  }
}

function sayFailed({ detail }) {
  if (isOurs(detail.elt)) {
    document.querySelector("#question-said").textContent = root().dataset.labelFailed;
    for (const question of root().querySelectorAll("[data-leaving]")) {
      delete question.dataset.leaving;
    }
  }
}

// On to the next question with the focus too, unless it was put elsewhere meanwhile.
function goOn({ detail }) {
  const isNext = detail.target?.id === "question" || detail.target?.matches?.("[data-question]");
  if (!isNext || !root()) {
    return;
  }
  const { activeElement } = document;
  if (activeElement === document.body || activeElement === null || isOurs(activeElement)) {
    root().querySelector(".question-title")?.focus({ preventScroll: true });
  }
}

// Questions that came while the page was open, as long as none is asked on it, nor a reveal shown.
function takeIn(fetched) {
  const next = fetched.querySelector("#questions");
  if (
    root() &&
    !document.querySelector(".reveal") &&
    !root().querySelector("[data-question]") &&
    next?.querySelector("[data-question]")
  ) {
    root().replaceWith(document.adoptNode(next));
    process(root());
  }
}
