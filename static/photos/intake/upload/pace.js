// How fast it goes: bytes over the last seconds, so that a pause or a stall is forgotten soon.

const WINDOW_MS = 15_000;

export function createPace(now = () => performance.now()) {
  let samples = [];

  return { note, restart, perSecond };

  function note(bytes) {
    const at = now();
    samples.push({ at, bytes });
    samples = samples.filter(
      (sample, place) => place === samples.length - 1 || at - sample.at < WINDOW_MS,
    );
  }

  function restart() {
    samples = [];
  }

  // Null until there is enough to judge by.
  function perSecond() {
    const [first, last] = [samples[0], samples.at(-1)];
    if (!first || last.at - first.at < 1000) {
      return null;
    }
    return Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at));
  }
}
