// The time of a run, by whatever clock the host has.

/**
 * Makes a clock of milliseconds since now. It never goes back: where the host's is set back, or shows no number, it stands still
 * for that moment.
 */
export function clock(): () => number {
  const host = () => (typeof performance === "object" ? performance.now() : Date.now());
  let elapsed = 0;
  let last = host();
  return () => {
    const time = host();
    if (time - last > 0 && time - last < Infinity) elapsed += time - last;
    if (Number.isFinite(time)) last = time;
    return elapsed;
  };
}
