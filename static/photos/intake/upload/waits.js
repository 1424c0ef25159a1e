// How the parts of a run wait: for a change of anything, or for a time that may be cut short.

export function createWaits() {
  let waiting = [];
  const sleepers = [];

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
      setTimeout(resolve, ms);
      sleepers.push(resolve);
    });
  }

  function wake() {
    sleepers.splice(0).forEach((resolve) => resolve());
  }
}
