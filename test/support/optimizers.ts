// An optimizer of each kind, for tests that compare the bits of steps.

import type { Optimizer } from "plexus-nn";

export const optimizers: readonly Optimizer[] = [
  { name: "sgd", rate: 0.05 },
  { name: "sgd", rate: 0.05, momentum: 0.9 },
  { name: "rmsprop", rate: 0.01, centered: true, momentum: 0.5 },
  { name: "adagrad", rate: 0.05 },
  { name: "adam", rate: 0.01, clipNorm: 1 },
  { name: "adamw", rate: 0.01 },
  { name: "nadam", rate: 0.01 },
  { name: "lion", rate: 0.001 },
];
