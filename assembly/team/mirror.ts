// A thread's own copies of a pass's records. They are copied at each job, since records may have moved. Pointers to records are
// those of the copies then, pointers to numbers stay. A part of the samples has its pointers moved on to its first row.

import { Layer, Pass, Synapse, at } from "../record";
import { bytes } from "../kernel/part";
import { Member, Team } from "./team";

/** Returns a size rounded up to whole lanes. */
@inline
function round(size: usize): usize {
  return (size + 15) & ~15;
}

/** Copies records to a place, and returns the place behind the copies. */
@inline
function copied(to: usize, from: usize, size: usize): usize {
  memory.copy(to, from, size);
  return to + round(size);
}

/** Adds a distance to each pointer of a list. */
function move(list: usize, count: i32, distance: usize): void {
  for (const end = list + (<usize>count << 2); list < end; list += 4) store<usize>(list, load<usize>(list) + distance);
}

/** Copies a pass and all records of its network, with workspaces of a member. Returns the copy. */
export function mirror(team: Team, member: Member, pass: Pass, to: usize): Pass {
  const copy = changetype<Pass>(to), layerCount = team.layerCount, synapseCount = team.synapseCount;
  const layers = copied(to, changetype<usize>(pass), offsetof<Pass>());
  const synapses = copied(layers, team.layers, <usize>layerCount * offsetof<Layer>());
  const lists = copied(synapses, team.synapses, <usize>synapseCount * offsetof<Synapse>());
  const order = copied(lists, team.lists, <usize>synapseCount << 3);
  const outputs = copied(order, pass.layers, <usize>pass.layerCount << 2);
  copied(outputs, pass.outputs, <usize>pass.outputCount << 2);
  const byLayers = layers - team.layers, byLists = lists - team.lists, bySynapses = synapses - team.synapses;
  copy.layers = order;
  copy.outputs = outputs;
  copy.partialSums = member.partialSums;
  copy.sharedGradient = member.sharedGradient;
  move(order, pass.layerCount, byLayers);
  move(outputs, pass.outputCount, byLayers);
  move(lists, synapseCount << 1, bySynapses);
  for (let i = 0; i < layerCount; i++) {
    const layer = changetype<Layer>(layers + <usize>i * offsetof<Layer>());
    layer.incoming += byLists;
    layer.outgoing += byLists;
  }
  for (let i = 0; i < synapseCount; i++) {
    const synapse = changetype<Synapse>(synapses + <usize>i * offsetof<Synapse>());
    synapse.from = changetype<Layer>(changetype<usize>(synapse.from) + byLayers);
    synapse.to = changetype<Layer>(changetype<usize>(synapse.to) + byLayers);
    if (synapse.owner) synapse.owner += bySynapses;
    synapse.room = member.room;
  }
  return copy;
}

/** Returns the copy of a synapse in a copied pass. */
@inline
export function copyOf(team: Team, copy: Pass, synapse: usize): Synapse {
  const synapses = round(offsetof<Pass>()) + round(<usize>team.layerCount * offsetof<Layer>());
  return changetype<Synapse>(synapse - team.synapses + changetype<usize>(copy) + synapses);
}

/** Returns a pointer moved on by a distance; 0 stays 0. */
@inline
function ahead(pointer: usize, distance: usize): usize {
  return pointer ? pointer + distance : 0;
}

/** Moves the matrices of a copied pass without steps to a part that begins at a sample. pass: the original */
export function place<T>(team: Team, pass: Pass, part: Pass, first: i32, widest: i32): void {
  for (let i = 0; i < pass.layerCount; i++) {
    const from = at<Layer>(pass.layers, i), to = at<Layer>(part.layers, i);
    const distance = bytes<T>(first * from.size);
    to.input = ahead(from.input, distance);
    to.target = ahead(from.target, distance);
    to.pre = ahead(from.pre, distance);
    to.post = ahead(from.post, distance);
    to.delta = ahead(from.delta, distance);
    to.dpre = ahead(from.dpre, distance);
    to.normalized = ahead(from.normalized, distance);
    to.rstd = ahead(from.rstd, bytes<T>(first * max(1, from.groups)));
    to.dropoutMask = ahead(from.dropoutMask, distance);
    to.droppedPost = ahead(from.droppedPost, distance);
    to.lossWeights = ahead(from.lossWeights, distance);
    for (let s = 0; s < from.incomings; s++) {
      const original = at<Synapse>(from.incoming, s), copy = at<Synapse>(to.incoming, s);
      copy.factor = ahead(original.factor, distance);
      copy.dfactor = ahead(original.dfactor, distance);
    }
  }
  part.weightedScratch = ahead(pass.weightedScratch, <usize>first * widest * (8 + sizeof<T>()));
}
