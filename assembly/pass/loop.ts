// Loops: layers on cycles of synapses, delayed ones among them. They are computed step by step, from the first step, or with
// negative delays from the last one; their gradients in reverse.

import { Join } from "../abi";
import { bringSteps, takeBackSteps } from "../link/bring";
import { bytes } from "../kernel/part";
import { Layer, Pass, Synapse, Times, at } from "../record";
import { stepsOf } from "../times";
import { begin, beginBack, finish, finishBack, finishSums, sumsOf } from "./layer";
import { stepOfRows, takeStep } from "./rows";

/** Computes a loop, whose layers lie in the pass from the index `first` on. */
export function forwardLoop<T>(pass: Pass, first: i32, samples: i32, stamp: u64, noisy: bool): void {
  const head = at<Layer>(pass.layers, first), layers = head.loop;
  for (let i = first; i < first + layers; i++) {
    begin<T>(pass, at<Layer>(pass.layers, i), samples, noisy);
    at<Layer>(pass.layers, i).stamp = stamp;
  }
  const step = stepOfRows(), blocks = changetype<Times>(pass.times).blocks;
  for (let block = 0; block < blocks; block++) {
    const steps = stepsOf(pass.times, block);
    for (let t = 0; t < steps; t++) {
      takeStep(pass, step, block, head.reversed ? steps - 1 - t : t);
      for (let i = first; i < first + layers; i++) forwardStep<T>(pass, at<Layer>(pass.layers, i), samples);
    }
  }
}

/** Computes a step of a layer. */
function forwardStep<T>(pass: Pass, layer: Layer, samples: i32): void {
  const step = stepOfRows(), isProduct = layer.join == Join.product;
  for (let s = 0; s < layer.incomings; s++) {
    const synapse = at<Synapse>(layer.incoming, s);
    const to = isProduct ? synapse.factor : sumsOf(layer);
    if (synapse.inside && to) bringSteps<T>(pass, synapse, to, step.block, step.from, step.to, samples);
  }
  finish<T>(pass, layer, step, samples);
}

/** Computes the deltas of a loop: all dsum, and all dpre that isn't dsum. */
export function backwardLoop<T>(pass: Pass, first: i32, samples: i32, stamp: u64): void {
  const head = at<Layer>(pass.layers, first), layers = head.loop;
  for (let i = first + layers - 1; i >= first; i--) beginBack<T>(pass, at<Layer>(pass.layers, i), samples, stamp);
  const step = stepOfRows(), blocks = changetype<Times>(pass.times).blocks;
  for (let block = 0; block < blocks; block++) {
    const steps = stepsOf(pass.times, block);
    for (let t = steps - 1; t >= 0; t--) {
      takeStep(pass, step, block, head.reversed ? steps - 1 - t : t);
      for (let i = first + layers - 1; i >= first; i--) backwardStep<T>(pass, at<Layer>(pass.layers, i), samples, stamp);
    }
  }
}

/** Computes dpre and dsum in a step of a layer, and adds its part to the deltas of sources in the loop. */
function backwardStep<T>(pass: Pass, layer: Layer, samples: i32, stamp: u64): void {
  const step = stepOfRows();
  finishBack<T>(pass, layer, step, samples, stamp);
  if (layer.dpre) {
    const offset = bytes<T>(step.first * layer.size);
    memory.copy(layer.dpre + offset, layer.delta + offset, bytes<T>(step.count * layer.size));
  }
  finishSums<T>(pass, layer, step, samples);
  for (let s = 0; s < layer.incomings; s++) {
    const synapse = at<Synapse>(layer.incoming, s);
    if (synapse.inside) takeBackSteps<T>(pass, synapse, step.block, step.from, step.to, samples);
  }
}
