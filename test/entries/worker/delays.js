// The seed of a team's random delays: of a worker of Node in its data, of a worker of the web in its address.

const { location, process } = /** @type {any} */ (globalThis);
const given = new URLSearchParams(location?.search ?? "").get("delays");
const data = process?.getBuiltinModule?.("node:worker_threads").workerData;
/** @type {any} */ (globalThis)[Symbol.for("plexus-nn.trial")] = {
  ...data,
  delays: Number(given ?? data?.delays ?? 1),
};
