// A sketch's graph as code for Plexus, by calls or declared in one piece, with trained parameters.

import type { AnyGraph } from "../model/build.ts";
import { type Call, callsOf } from "../model/calls.ts";
import { settingsOf } from "../model/edit.ts";
import type { Settings, Sketch } from "../model/sketch.ts";

/** Most parameters that stand in the code; more are read from a file beside it. */
const MOST = 2000;

/** Columns of a line. */
const WIDTH = 100;

const isName = /^[A-Za-z_$][\w$]*$/;

/** Returns a value as a literal, on one line. */
function literal(value: unknown): string {
  if (ArrayBuffer.isView(value)) return literal([...(value as Float64Array)]);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${key(name)}: ${literal(one)}`)
    .join(", ")} }`;
}

function key(name: string): string {
  if (name === "__proto__") return `["__proto__"]`;
  return isName.test(name) ? name : JSON.stringify(name);
}

/** Returns a number of a precision with as few digits as keep its bits. */
function short(precision: Sketch["precision"]): (value: number) => string {
  if (precision === "float64") return (value) => literal(value);
  return (value) => {
    const few = Number(value.toPrecision(8));
    const digits = Math.fround(few) === value ? few : Number(value.toPrecision(9));
    return literal(Object.is(value, -0) ? -0 : digits);
  };
}

/** Returns values as an array literal, broken to lines. */
function numbers(values: ArrayLike<number>, precision: Sketch["precision"]): string {
  const lines: string[] = [];
  let line = "";
  for (const word of Array.from(values, short(precision))) {
    if (line.length + word.length + 2 > WIDTH - 2) {
      lines.push(line.trimEnd());
      line = "";
    }
    line += `${word}, `;
  }
  const last = line.slice(0, -2);
  if (lines.length === 0) return `[${last}]`;
  return `[\n${[...lines, last].map((one) => `  ${one}\n`).join("")}]`;
}

/** Returns the options of a graph before its layers. */
function head({ seed, precision }: Sketch, { optimizer }: Settings): [string, unknown][] {
  const rest: [string, unknown][] = precision === "float32" ? [["precision", precision]] : [];
  return [["seed", seed], ...rest, ["optimizer", optimizer]];
}

/** Returns code that makes the graph by calls. */
export function imperative(sketch: Sketch, graph: AnyGraph): string {
  const settings = settingsOf(sketch);
  const calls = callsOf(sketch, settings);
  const given = head(sketch, settings).map(([name, value]) => `${name}: ${literal(value)}`);
  const first = `const graph = new Graph({ ${given.join(", ")} });\n`;
  const shared = sharedOf(calls);
  let place = 0;
  const lines = calls.map((call) => {
    const name = call.call === "connect" && shared.has(place) ? `const synapse${place} = ` : "";
    if (call.call === "connect") place++;
    return `${name}graph.${call.call}(${argumentsOf(call)});\n`;
  });
  return framed(first + lines.join(""), sketch, graph);
}

/** Returns the numbers of the `connect` calls whose weights others share. */
function sharedOf(calls: readonly Call[]): Set<number> {
  return new Set(
    calls.flatMap((call) => (call.call === "connect" && call.share !== undefined ? [call.share] : [])),
  );
}

/** Returns the arguments of a call, without those at the end that are left out. */
function argumentsOf(call: Call): string {
  const own = Object.keys(call.options).length === 0 ? undefined : call.options;
  let list: unknown[];
  if (call.call === "connect") {
    const ends = [call.from, call.to].map(literal);
    if (call.share === undefined) return [...ends, ...(own === undefined ? [] : [literal(own)])].join(", ");
    const inner = Object.entries(call.options).map(([name, value]) => `${key(name)}: ${literal(value)}, `);
    return [...ends, `{ ${inner.join("")}share: synapse${call.share} }`].join(", ");
  }
  if (!("activation" in call)) list = [call.name, call.size, call.from, own];
  else if (call.call === "addOutput") list = [call.name, call.size, call.activation, call.loss, own];
  else list = [call.name, call.size, call.activation, own];
  while (list.at(-1) === undefined) list.pop();
  return list.map((value) => (value === undefined ? "undefined" : literal(value))).join(", ");
}

/** Returns code that declares the graph. Synapses from the first one with shared weights are calls, since these need it. */
export function declared(sketch: Sketch, graph: AnyGraph): string {
  // Such names would come before all others in an object, in another order than the graph has.
  if (sketch.layers.some(({ name }) => /^\d+$/.test(name))) return imperative(sketch, graph);
  const settings = settingsOf(sketch);
  const calls = callsOf(sketch, settings);
  const connects = calls.filter((call) => call.call === "connect");
  const shared = sharedOf(calls);
  const split = connects.findIndex(({ share }, at) => share !== undefined || shared.has(at));
  const plain = split < 0 ? connects : connects.slice(0, split);
  const lines = head(sketch, settings).map(([name, value]) => `  ${name}: ${literal(value)},\n`);
  const groups = { inputs: ["addInput"], hidden: ["addHidden", "addLstm", "addGru"], outputs: ["addOutput"] };
  for (const [name, of] of Object.entries(groups)) {
    const made = calls.filter((call) => of.includes(call.call)).map(declaration);
    if (made.length > 0) lines.push(block(name, "{", made, "}"));
  }
  const pairs = plain.map(({ from, to, options }) =>
    literal(Object.keys(options).length === 0 ? [from, to] : [from, to, options]),
  );
  if (pairs.length > 0) lines.push(block("synapses", "[", pairs, "]"));
  const rest = connects.slice(plain.length).map((call, at) => {
    const place = plain.length + at;
    return `${shared.has(place) ? `const synapse${place} = ` : ""}graph.connect(${argumentsOf(call)});\n`;
  });
  return framed(`const graph = new Graph({\n${lines.join("")}});\n${rest.join("")}`, sketch, graph);
}

/** Returns a member of the declaration, on one line if there is room. */
function block(name: string, open: string, parts: readonly string[], close: string): string {
  const space = open === "{" ? " " : "";
  const line = `  ${name}: ${open}${space}${parts.join(", ")}${space}${close},\n`;
  if (line.length <= WIDTH) return line;
  return `  ${name}: ${open}\n${parts.map((part) => `    ${part},\n`).join("")}  ${close},\n`;
}

/** Returns a layer or a cell in the declaration. */
function declaration(call: Call): string {
  if (call.call === "connect") return "";
  const { name, size, options } = call;
  const own =
    "activation" in call
      ? { activation: call.activation, loss: call.loss }
      : { cell: call.call === "addLstm" ? "lstm" : "gru", from: call.from };
  const given = Object.entries({ size, ...own, ...options }).filter(([, value]) => value !== undefined);
  return `${key(name)}: ${given.length === 1 ? literal(size) : literal(Object.fromEntries(given))}`;
}

/** Returns code of a whole module: imports, the graph, its scalers and parameters, and its export. */
function framed(made: string, { steps, precision }: Sketch, graph: AnyGraph): string {
  const count = parametersOf(graph);
  const scalers = [...graph.inputs, ...graph.outputs].filter(({ scaler }) => scaler !== undefined);
  const isInline = count <= MOST;
  const names = isInline && scalers.length > 0 ? "Graph, Scaler" : "Graph";
  const after = `after ${steps} step${steps === 1 ? "" : "s"}`;
  const imports = `import { ${names} } from "plexus-nn";\n`;
  if (!isInline) {
    const reading = `import { readFile } from "node:fs/promises"; // in a page: fetch("model.safetensors")\n`;
    const merging = `// The ${count.toLocaleString("en")} parameters ${after}, of the file that was saved with this one.\n`;
    return `${reading}${imports}\n${made}\n${merging}graph.merge(await readFile(new URL("model.safetensors", import.meta.url)));\n\nexport default graph;\n`;
  }
  const scaling = scalers.map(({ name, scaler }) => {
    const { kind, offset, divisor } = scaler!;
    const [from, by] = [offset, divisor].map((values) => numbers(values, "float64"));
    const made = `{\n  kind: ${literal(kind)},\n  offset: ${from},\n  divisor: ${by},\n}`;
    return `graph.scale(${literal(name)}, Scaler.fromJSON(${made}));\n`;
  });
  const parameters = [`// The parameters ${after}.\n`];
  for (const { name, hasBias, bias, hasInitial, initial, gain } of graph.layers) {
    const layer = `graph.layer(${literal(name)})`;
    if (hasBias) parameters.push(`${layer}.bias = ${numbers(bias, precision)};\n`);
    if (gain !== undefined) parameters.push(`${layer}.gain = ${numbers(gain, precision)};\n`);
    if (hasInitial) parameters.push(`${layer}.initial = ${numbers(initial, precision)};\n`);
  }
  for (const [place, { from, to, delay, share, weights }] of graph.synapses.entries()) {
    if (weights.length === 0 || share !== undefined) continue;
    const twins = graph.synapses.filter((one) => one.from.name === from.name && one.to.name === to.name);
    const ends = `${literal(from.name)}, ${literal(to.name)}`;
    const isAlone = twins.filter((one) => one.delay === delay).length === 1;
    const byDelay = isAlone ? `synapse(${ends}, ${delay})` : `synapses[${place}]`;
    const synapse = twins.length === 1 ? `synapse(${ends})` : byDelay;
    parameters.push(`graph.${synapse}.weights = ${numbers(weights, precision)};\n`);
  }
  return `${imports}\n${made}\n${scaling.join("")}${scaling.length > 0 ? "\n" : ""}${parameters.join("")}\nexport default graph;\n`;
}

/** Returns the number of a graph's parameters. */
function parametersOf(graph: AnyGraph): number {
  const layers = graph.layers.reduce(
    (sum, { hasBias, bias, gain, hasInitial, size }) =>
      sum + (hasBias ? bias.length : 0) + (gain?.length ?? 0) + (hasInitial ? size : 0),
    0,
  );
  return graph.synapses.reduce(
    (sum, { share, weights }) => sum + (share === undefined ? weights.length : 0),
    layers,
  );
}
