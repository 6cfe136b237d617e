import { BLOCK_SAMPLES, LayerWord, PassWord, Step, SynapseWord } from "../../abi";
import * as span from "../../link/span";
import { alloc } from "../../memory";
import { Layer, Pass, Synapse, Times } from "../../record";
import { firstRow, listOf, stepsOf, width } from "../../times";

const SAMPLES = BLOCK_SAMPLES + 5;
const LONGEST = 7;
const SIZE = 3;

/** Returns the length of a sample: the longest first, several of each length. */
function lengthOf(sample: i32): i32 {
  return max(1, LONGEST - sample / 22);
}

function put(record: usize, word: i32, value: i32): void {
  store<u32>(record + ((<usize>word) << 2), value);
}

/** Returns the record of the steps of all samples. */
function makeTimes(): usize {
  const blocks = (SAMPLES + BLOCK_SAMPLES - 1) / BLOCK_SAMPLES;
  const made = alloc(4 * (2 + blocks + 1 + blocks * (LONGEST + 1)));
  let row = 0, word = 2 + blocks + 1;
  for (let block = 0; block < blocks; block++) {
    put(made, 2 + block, word);
    const first = block * BLOCK_SAMPLES, end = min(first + BLOCK_SAMPLES, SAMPLES);
    for (let step = 0; step < lengthOf(first); step++) {
      put(made, word++, row);
      for (let sample = first; sample < end; sample++) if (lengthOf(sample) > step) row++;
    }
    put(made, word++, row);
  }
  put(made, 2 + blocks, word);
  const times = changetype<Times>(made);
  times.rows = row;
  times.blocks = blocks;
  return made;
}

function makeLayer(timed: bool): Layer {
  const made = changetype<Layer>(alloc(LayerWord.words * 4));
  made.size = SIZE;
  made.timed = u32(timed);
  made.output = 1 << 20;
  made.past = 1 << 22;
  return made;
}

/** Returns the row of a step of a sample in a layer, or -1 outside its sequence. */
function rowOf(times: usize, timed: bool, sample: i32, step: i32): i32 {
  if (step < 0 || step >= lengthOf(sample)) return -1;
  if (!timed) return sample;
  const block = sample / BLOCK_SAMPLES;
  return firstRow(listOf(times, block), step) + sample % BLOCK_SAMPLES;
}

/** Compares all spans of a synapse found one by one: each row of the target has its source's row once. */
function compare(fromTimed: bool, toTimed: bool, delay: i32, at: Step, stateful: bool): void {
  const times = makeTimes();
  const pass = changetype<Pass>(alloc(PassWord.words * 4));
  pass.times = times;
  pass.stateful = u32(stateful);
  const synapse = changetype<Synapse>(alloc(SynapseWord.words * 4));
  synapse.from = makeLayer(fromTimed);
  synapse.to = makeLayer(toTimed);
  synapse.delay = delay;
  synapse.at = at;
  for (let block = 0; block < changetype<Times>(times).blocks; block++) {
    const list = listOf(times, block), steps = stepsOf(times, block);
    const first = block * BLOCK_SAMPLES;
    let next = toTimed ? firstRow(list, 0) : first;
    let step = 0, place = 0; // of the row `next`
    span.begin(pass, synapse, block, 0, steps, SAMPLES);
    while (span.next<f64>()) {
      expect<i32>(span.row).toBe(next);
      expect<bool>(span.count > 0).toBe(true);
      for (let i = 0; i < span.count; i++, next++) {
        const sample = first + place;
        const u = at == Step.last ? lengthOf(sample) - 1 : at == Step.first ? 0 : step - delay;
        const wanted = !fromTimed && delay == 0 ? sample : rowOf(times, fromTimed, sample, u);
        if (wanted >= 0) {
          expect<i32>(span.source + i).toBe(wanted);
          expect<usize>(span.values).toBe((1 << 20) + 8 * SIZE * <usize>span.source);
        } else {
          expect<i32>(span.source).toBe(-1);
          expect<i32>(span.sample + i).toBe(sample);
          if (u < 0) expect<i32>(span.slot).toBe(-u - 1);
          const row = stateful ? span.slot * SAMPLES + span.sample : span.sample - first;
          expect<usize>(span.values).toBe((1 << 22) + 8 * SIZE * <usize>row);
        }
        if (++place == (toTimed ? width(list, step) : min(BLOCK_SAMPLES, SAMPLES - first))) {
          place = 0;
          step++;
        }
      }
    }
    expect<i32>(next).toBe(toTimed ? firstRow(list, steps) : min(first + BLOCK_SAMPLES, SAMPLES));
  }
}

describe("the spans of a synapse", () => {
  it("have each row of a delayed source once, or its past", () => {
    for (let delay = -LONGEST - 1; delay <= LONGEST + 1; delay++) {
      compare(true, true, delay, Step.own, false);
      compare(false, true, delay, Step.own, false);
      if (delay >= 0) compare(true, true, delay, Step.own, true);
    }
  });

  it("have the last or the first step of each sample", () => {
    compare(true, true, 0, Step.last, false);
    compare(true, true, 0, Step.first, false);
    compare(true, false, 0, Step.last, false);
    compare(true, false, 0, Step.first, false);
  });

  it("have the rows of a source without time", () => {
    compare(false, false, 0, Step.own, false);
  });
});
