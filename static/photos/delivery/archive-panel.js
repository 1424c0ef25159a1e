// What is shown of an archive that is built: how far it is, what it waits for, the file to save.

const SPOKEN_STEPS = 4; // screen readers hear of each quarter, not of each photo

export class ArchivePanel {
  #element;
  #words;
  #spoken = 0;
  #files = [];

  static find() {
    const element = document.querySelector("#archive");
    return element && new ArchivePanel(element);
  }

  constructor(element) {
    this.#element = element;
    this.#words = element.dataset;
    this.#part("close").addEventListener("click", () => this.#close());
    document.addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && !document.querySelector(".pswp, dialog:modal")) {
        this.#leave();
      }
    });
    document.addEventListener("photos:choosing", () => this.#leave());
  }

  show() {
    this.#element.hidden = false;
    this.#element.focus({ preventScroll: true });
  }

  begin(cancel) {
    this.#forgetFiles();
    this.#spoken = 0;
    this.#part("title").textContent = this.#words.labelRunning;
    this.#part("counts").textContent = this.#words.labelBeginning;
    this.#part("note").textContent = "";
    this.#part("bar").removeAttribute("value");
    this.#say(this.#words.labelRunning);
    this.#part("cancel").onclick = cancel;
    this.#showOnly("bar", "cancel");
  }

  wait(isWaiting) {
    this.#part("note").textContent = isWaiting ? this.#words.labelWaiting : "";
  }

  paint({ done, all, bytes, allBytes, gone, failed, waits }) {
    const total = Math.max(allBytes, bytes);
    const counts = this.#counts(done, all);
    this.#part("counts").textContent = `${counts} · ${this.#sizes(bytes, total)}`;
    this.#part("bar").max = total || 1;
    this.#part("bar").value = bytes;
    this.#part("note").textContent = waits ? this.#words.labelWaiting : this.#missing(gone, failed);
    const step = Math.floor((SPOKEN_STEPS * done) / all);
    if (step > this.#spoken && done < all) {
      this.#spoken = step;
      this.#say(counts);
    }
  }

  #counts(done, all) {
    const { labelOne, labelMany, labelOfOne, labelOfMany } = this.#words;
    const [one, many] = done === all ? [labelOne, labelMany] : [labelOfOne, labelOfMany];
    return fill(all === 1 ? one : many, number(done), number(all));
  }

  // Of all that is there, or is soon, nothing is said twice.
  #sizes(bytes, total) {
    const [done, all] = [bytes, total].map(megabytes);
    return done === all ? all : fill(this.#words.labelOf, done, all);
  }

  // Given to the browser at once; the link stays, as some ask first or take no file unasked.
  save(file, name, discard) {
    this.#forgetFiles();
    const link = this.#part("file");
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.querySelector("span").textContent = `${this.#words.labelSave} ${name}`;
    this.#files.push({ address: link.href, discard });
    link.hidden = false;
    link.click();
  }

  untilSaved(signal) {
    this.#part("note").textContent = this.#words.labelNext;
    this.#say(this.#words.labelNext);
    return this.untilTapped(this.#words.labelNextFile, () => {}, signal);
  }

  // What the button does is done in its own tap: browsers open no share sheet later.
  untilTapped(label, act, signal) {
    const next = this.#part("next");
    next.textContent = label;
    next.hidden = false;
    this.#say(label);
    return new Promise((resolve, reject) => {
      next.onclick = () => {
        next.hidden = true;
        resolve(act());
      };
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  }

  // What buttons of batches say; `way` is "save" or "share".
  labelsOf(way) {
    const words = (name) => this.#words[`label${name}`];
    return way === "save"
      ? { one: words("SaveOne"), some: words("SaveSome"), next: words("SaveNext") }
      : { one: words("ShareOne"), some: words("ShareSome"), next: words("ShareNext") };
  }

  // Where there is a choice of sizes, which it is, and the way to another.
  sayWhichSize(name, onOther) {
    this.#part("size").hidden = !name;
    this.#part("size-name").textContent = name ?? "";
    this.#part("other-size").onclick = onOther;
  }

  // A single photo needs no archive.
  leadTo(address) {
    if (address) {
      const link = Object.assign(document.createElement("a"), { href: address, download: "" });
      link.click();
      this.#close();
    } else {
      this.#settle(this.#words.labelNone);
    }
  }

  end({ gone, failed, all, bytes, allBytes }) {
    const got = all - gone - failed;
    this.paint({ done: got, all, bytes, allBytes: Math.min(bytes, allBytes), gone, failed });
    this.#settle(got ? this.#words.labelDone : this.#words.labelNone);
    this.#part("note").textContent = this.#missing(gone, failed);
    this.#say(`${this.#part("title").textContent} ${this.#part("note").textContent}`);
  }

  // `reason`: cancelled, refused or failed.
  fail(reason) {
    if (reason === "cancelled") {
      this.#close();
      return;
    }
    this.#settle(reason === "refused" ? this.#words.labelRefused : this.#words.labelFailed);
  }

  #settle(words) {
    this.#part("title").textContent = words;
    this.#part("note").textContent = "";
    this.#showOnly("close", ...(this.#files.length ? ["file"] : []));
    this.#say(words);
  }

  #missing(gone, failed) {
    const words = [
      [gone, this.#words.labelGoneOne, this.#words.labelGoneMany],
      [failed, this.#words.labelMissingOne, this.#words.labelMissingMany],
    ];
    return words
      .filter(([count]) => count)
      .map(([count, one, many]) => (count === 1 ? one : many.replace("{}", number(count))))
      .join(" ");
  }

  // Not while photos are still gathered: that ends by its own button.
  #leave() {
    if (!this.#part("close").hidden) {
      this.#close();
    }
  }

  #close() {
    this.#element.hidden = true;
    this.#forgetFiles();
  }

  // A while later: the browser may still be copying it.
  #forgetFiles() {
    for (const { address, discard } of this.#files) {
      setTimeout(() => {
        URL.revokeObjectURL(address);
        discard();
      }, 60_000);
    }
    this.#files = [];
  }

  #showOnly(...names) {
    for (const name of ["bar", "cancel", "close", "file", "next"]) {
      this.#part(name).hidden = !names.includes(name);
    }
    this.#part("size").hidden ||= !names.includes("bar"); // too late for another
  }

  #say(words) {
    this.#part("spoken").textContent = words;
  }

  #part(name) {
    return this.#element.querySelector(`[data-part="${name}"]`);
  }
}

function fill(words, done, all) {
  return words.replace("{done}", done).replace("{all}", all);
}

function number(value) {
  return value.toLocaleString(document.documentElement.lang);
}

function megabytes(bytes) {
  const maximumFractionDigits = bytes < 1e7 ? 1 : 0;
  const settings = { style: "unit", unit: "megabyte", maximumFractionDigits };
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, settings);
}
