// How the parts of a run wait: for a change of anything, or for a time that may be cut short.

export function createWaits() {
  let waiting = [];
  const sleepers = new Set();

  return { change, changed, sleep, wake };

  function change() {
    return new Promise((resolve) => waiting.push(resolve));
  }

  function changed() {
    const all = waiting;
    waiting = [];
    all.forEach((resolve) => resolve());
  }

  function sleep(ms) {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        sleepers.delete(end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      sleepers.add(end);
    });
  }

  function wake() {
    sleepers.forEach((end) => end());
  }
}
