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
    const counts = this.#words.labelCounts.replace("{done}", number(done));
    this.#part("counts").textContent =
      `${counts.replace("{all}", number(all))} · ${megabytes(bytes)} / ${megabytes(total)}`;
    this.#part("bar").max = total || 1;
    this.#part("bar").value = bytes;
    this.#part("note").textContent = waits ? this.#words.labelWaiting : this.#missing(gone, failed);
    const step = Math.floor((SPOKEN_STEPS * done) / all);
    if (step > this.#spoken && done < all) {
      this.#spoken = step;
      this.#say(counts.replace("{all}", number(all)));
    }
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
    const next = this.#part("next");
    next.hidden = false;
    this.#part("note").textContent = this.#words.labelNext;
    this.#say(this.#words.labelNext);
    return new Promise((resolve, reject) => {
      next.onclick = () => {
        next.hidden = true;
        resolve();
      };
      signal.addEventListener("abort", () => reject(signal.reason));
    });
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
  }

  #say(words) {
    this.#part("spoken").textContent = words;
  }

  #part(name) {
    return this.#element.querySelector(`[data-part="${name}"]`);
  }
}

function number(value) {
  return value.toLocaleString(document.documentElement.lang);
}

function megabytes(bytes) {
  const settings = { style: "unit", unit: "megabyte", maximumFractionDigits: 0 };
  return (bytes / 1e6).toLocaleString(document.documentElement.lang, settings);
}
