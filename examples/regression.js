// Two inputs, two outputs: the distance and the height of a thrown ball, from its throw and the planet's gravity.
//
//     node examples/regression.js
//
// The numbers are metres, seconds and degrees, some a hundred times as large as others. `scale` brings inputs and targets to
// a common scale in training; `predict` takes and returns plain metres.

import { Graph, report } from "plexus-nn";

const graph = new Graph({
  seed: 3,
  optimizer: { name: "sgd", rate: 0.05 },
  inputs: { throw: 2, planet: 1 }, // speed in m/s, angle in degrees; gravity in m/s²
  hidden: { flight: { size: 24, activation: "tanh" }, shape: { size: 16, activation: "tanh" } },
  outputs: { distance: { size: 1, activation: "linear" }, height: { size: 1, activation: "linear" } },
  synapses: [
    ["throw", "flight"],
    ["planet", "flight"],
    ["flight", "shape"],
    ["shape", "distance"],
    ["shape", "height"],
    ["throw", "height"], // skips: each output receives the throw itself, too
    ["throw", "distance"],
  ],
});

/**
 * Computes a throw without air.
 * @type {(speed: number, degrees: number, gravity: number) => { distance: number,
 * height: number }}
 */
function physics(speed, degrees, gravity) {
  const angle = (degrees * Math.PI) / 180;
  return {
    distance: (speed ** 2 * Math.sin(2 * angle)) / gravity,
    height: (speed * Math.sin(angle)) ** 2 / (2 * gravity),
  };
}

/**
 * 1,500 throws, evenly spread over all speeds, angles and planets: the fractions of multiples of irrational numbers fill a
 * cube.
 */
const throws = Array.from({ length: 1500 }, (_, i) => {
  const [a = 0, b = 0, c = 0] = [0.8192, 0.671, 0.5497].map((step) => (i * step) % 1);
  return { speed: 5 + 15 * a, degrees: 20 + 50 * b, gravity: 3 + 9 * c };
});
const flown = throws.map(({ speed, degrees, gravity }) => physics(speed, degrees, gravity));
const data = {
  xs: {
    throw: throws.map(({ speed, degrees }) => [speed, degrees]),
    planet: throws.map(({ gravity }) => gravity),
  },
  ts: { distance: flown.map(({ distance }) => distance), height: flown.map(({ height }) => height) },
};

const history = await graph.fit(data, {
  epochs: 150,
  batchSize: 16,
  validation: 0.2, // the last fifth is held out
  patience: 15, // stop after fifteen epochs without improvement, and restore the best one
  scale: { throw: "standard", planet: "standard", distance: "standard", height: "standard" },
});
console.log(`${report(history)}\n`);

console.log("A throw of 15 m/s at 40 degrees      distance           height");
for (const [planet, gravity] of /** @type {const} */ ([
  ["the Earth", 9.81],
  ["Mars", 3.72],
  ["Venus", 8.87],
])) {
  const { distance, height } = graph.predict({ throw: [15, 40], planet: [gravity] });
  const right = physics(15, 40, gravity);
  const both = (/** @type {number} */ found, /** @type {number} */ wanted) =>
    `${found.toFixed(1)} m (${wanted.toFixed(1)} m)`;
  const cells = [both(distance[0] ?? 0, right.distance), both(height[0] ?? 0, right.height)];
  console.log(`  on ${planet.padEnd(26)}${cells.map((cell) => cell.padStart(16)).join("  ")}`);
}
