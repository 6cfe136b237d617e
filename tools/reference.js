// Writes the tables of docs/reference.md: `node tools/reference.js`; a test compares them. Names, defaults and bounds are
// read from the tables of src/, formulas from the comments of their rows. Effects of options of layers and synapses are the
// docstrings of their types, meanings of error codes are those of docs/errors.md. All other words are here.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
export const page = join(root, "docs/reference.md");

/** Activations: the derivative dy / dx, and the smallest interval of all values, whose ends may be reached by rounding. */
const slopes = {
  linear: ["1", "(−∞, ∞)"],
  sigmoid: ["y (1 − y)", "[0, 1]"],
  tanh: ["1 − y²", "[−1, 1]"],
  relu: ["1 for x > 0, else 0", "[0, ∞)"],
  leakyRelu: ["1 for x > 0, else slope", "(−∞, ∞)"],
  elu: ["1 for x > 0, else alpha e^x", "[−alpha, ∞)"],
  selu: ["1.0507… for x > 0, else 1.7581… e^x", "[−1.7581…, ∞)"],
  gelu: ["(1 + erf(x / √2)) / 2 + x e^(−x² / 2) / √(2 π)", "[−0.1700…, ∞)"],
  silu: ["s + y (1 − s), s = 1 / (1 + e^−x)", "[−0.2785…, ∞)"],
  mish: ["w + x (1 − w²) / (1 + e^−x), w = tanh(ln(1 + e^x))", "[−0.3088…, ∞)"],
  softplus: ["1 / (1 + e^−x)", "[0, ∞)"],
  softsign: ["1 / (1 + |x|)²", "[−1, 1]"],
  hardSigmoid: ["1 / 6 for |x| < 3, else 0", "[0, 1]"],
  softmax: ["y_i (1 − y_i) by the unit's own x, −y_i y_j by another's", "[0, 1]"],
  exp: ["y", "[0, ∞)"],
  sin: ["cos x", "[−1, 1]"],
};

/** Losses: the derivative by the output y. */
const gradients = {
  entropy: "(y − t) / (y (1 − y))",
  crossEntropy: "−t / y",
  mse: "2 (y − t)",
  mae: "sign(y − t)",
  huber: "d for |d| ≤ delta, else delta sign(d), d = y − t",
  logCosh: "tanh(y − t)",
  hinge: "−t for t y < 1, else 0",
  kl: "−t / y",
  poisson: "1 − t / y",
};

/** Scalers: the offset and the divisor of a column. */
const scalers = {
  standard: ["the mean", "the standard deviation √(Σ (x − mean)² / rows)"],
  minmax: ["the smallest number", "the largest less the smallest"],
};

/** Limits: the constants of files of src/, with their units. @type {readonly (readonly [string, string, string, string])[]} */
const limits = [
  ["one matrix of a graph, or one array of a pass", "memory/core.ts", "LARGEST", " bytes"],
  ["units of a layer", "rules/shape.ts", "MOST_UNITS", ""],
  ["classes of an input", "model/classes.ts", "MOST_CLASSES", ""],
  ["delay of a synapse, of either sign", "rules/step.ts", "LONGEST_DELAY", " steps"],
  ["numbers of a sample with its padding", "rules/window.ts", "MOST_PADDED", ""],
  ["samples × steps of a call", "memory/times.ts", "MOST_ROWS", ""],
  ["`threads` of `plexus-nn/worker`", "entries/worker/threads.ts", "MOST", ""],
  ["header of a safetensors file", "format/archive.ts", "LONGEST", " bytes"],
  ["parameters of `toSource`", "entries/draw/program.ts", "MOST", ""],
  ["boxes of `toSvg`", "entries/draw/layout.ts", "BOXES", ""],
  ["parameters in a file of `toOnnx`", "entries/onnx/export/writer.ts", "LARGEST", " bytes"],
  ["units of a layer in `fromOnnx`", "entries/onnx/import/budget.ts", "LARGEST", ""],
];

/** Initial weights: the distribution and the use. Sizes of a synapse's layers are from and to. */
const inits = {
  uniform: ["uniform in (low, high)", "a few units"],
  normal: ["normal", ""],
  glorot: ["uniform, ±√(6 / (from + to))", "layers of any width; the default"],
  glorotNormal: ["normal, deviation √(2 / (from + to))", "the same (Glorot and Bengio 2010)"],
  he: ["uniform, ±√(6 / from)", "deep chains of relu and its kin"],
  heNormal: ["normal, deviation √(2 / from)", "the same (He et al. 2015)"],
  lecun: ["uniform, ±√(3 / from)", "wide layers of selu"],
  lecunNormal: ["normal, deviation √(1 / from)", "the same (LeCun et al. 1998)"],
  orthogonal: ["orthonormal rows or columns, times gain", "deep chains (Saxe et al. 2014)"],
  zeros: ["0", ""],
  constant: ["value", ""],
};

/** Optimizers: one step. */
const optimizers = {
  sgd: "p − rate · g; with momentum b ← momentum · b + g, p − rate · b; Nesterov: p − rate (g + momentum · b)",
  rmsprop:
    "v ← α v + (1 − α) g², p − rate · g / (√v + ε); `centered`: √(v − a²), a ← α a + (1 − α) g; with momentum b ← momentum · b + g / (√v + ε), p − rate · b",
  adagrad: "v ← v + g², p − rate · g / (√v + ε)",
  adam: "m ← β1 m + (1 − β1) g, v ← β2 v + (1 − β2) g², p − rate · m̂ / (√v̂ + ε), m̂ = m / (1 − β1^t), v̂ = v / (1 − β2^t)",
  adamw: "as adam, with decoupled decay",
  nadam:
    "as adam, m̂ = μ(t+1) m / (1 − Π(t+1)) + (1 − μ(t)) g / (1 − Π(t)), μ(t) = β1 (1 − 0.96^(t · momentumDecay) / 2), Π(t) = μ(1) ⋯ μ(t)",
  lion: "p − rate · sign(β1 m + (1 − β1) g), then m ← β2 m + (1 − β2) g; decoupled decay",
};

/** Schedules: the rate after s steps, r being `rate`. */
const schedules = {
  constant: "r",
  step: "r · factor^⌊s / every⌋",
  exponential: "r · factor^(s / every)",
  cosine:
    "floor + (r − floor) (1 + cos π t) / 2, t from 0 to 1 over a cycle of `steps`; then `restarts` more cycles, each `growth` times longer; then floor",
  oneCycle:
    "half a cosine up from r / divisor to r over the share `start` of `steps`, then down to r / divisor / finalDivisor, where it stays (PyTorch's OneCycleLR)",
  reduceOnPlateau:
    "r, times `factor` after each `patience` epochs without an improvement of more than `minDelta`; at least `minRate`; with `fit` only",
};

/** For each kind of synapse the layers that it joins, and the shape of its weights; O are channels, k the extents of the kernel. */
const kinds = {
  dense: ["of any sizes", "from × to"],
  identity: ["of equal sizes", "none"],
  oneToOne: ["of equal sizes", "size"],
  sparse: ["of any sizes", "connections"],
  conv: [
    "shapes of as many numbers, where the target has a position for each window",
    "...kernel × channels(from) / groups × channels(to)",
  ],
  convTranspose: [
    "shapes of as many numbers, where the source has a position for each window",
    "...kernel × channels(to) / groups × channels(from)",
  ],
  averagePool: ["shapes of equal channels", "none"],
  maxPool: ["shapes of equal channels", "none"],
  upsample: ["shapes of equal channels, the target's extents multiples of the source's", "none"],
  gather: ["of any sizes", "none"],
  embedding: ["an input with `classes`, and a layer of slots × columns", "classes × columns"],
};

/** Returns the meanings of the error codes: the first paragraph of each section of docs/errors.md. */
function errors() {
  const sections = readFileSync(join(root, "docs/errors.md"), "utf8").matchAll(/^## (.+)\n\n((?:.+\n)+)/gm);
  return Object.fromEntries(
    [...sections].map(([, code = "", words = ""]) => [code, words.trim().replaceAll("\n", " ")]),
  );
}

/** The files of src/, with their text. @type {{ path: string; text: string }[]} */
const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, text: readFileSync(join(root, "src", path), "utf8") }));

/** @param {string} words */
function declaring(words) {
  const found = sources.find(({ text }) => new RegExp(`^export ${words}\\b`, "m").test(text));
  if (found === undefined) throw new Error(`No file of src/ has \`export ${words}\`.`);
  return found;
}

/** Returns a constant of a file of src/, with separators. @param {string} path @param {string} name */
function constant(path, name) {
  const text = sources.find((source) => source.path === path)?.text ?? "";
  const [, value] = new RegExp(`^(?:export )?const ${name} = ([\\d_x*a-f -]+);`, "m").exec(text) ?? [];
  if (value === undefined) throw new Error(`src/${path} has no number ${name}.`);
  return Function(`return ${value}`)().toLocaleString("en");
}

const tables = ["activations", "losses", "inits", "metrics", "optimizers", "schedules", "links"].concat([
  "scalerKinds",
  "layerRows",
  "synapseRows",
]);

/** Returns the tables of src/, from whichever file has them. @returns {Promise<Record<string, Record<string, any>>>} */
async function load() {
  const lines = tables.map((name) => `export { ${name} } from "./${declaring(`const ${name}`).path}";`);
  const { outputFiles } = await esbuild.build({
    stdin: { contents: lines.join("\n"), resolveDir: join(root, "src"), loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? "")}`);
}

/**
 * Returns the comment before a row of a table, in one line.
 * @param {string} table
 * @param {string} row
 */
function comment(table, row) {
  const { text } = declaring(`const ${table}`);
  const from = text.search(new RegExp(`^export const ${table}\\b`, "m"));
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s+${row}[:(,]`).exec(text.slice(from));
  if (!found?.[1]) throw new Error(`The row ${row} of ${table} has no comment.`);
  return found[1].replaceAll(/\s*\n\s*\*\s*/g, " ").trim();
}

/**
 * Returns the members of a public interface, own and inherited, with their docstrings in one line.
 * @param {string} name
 * @returns {Record<string, string>}
 */
function members(name) {
  const { text } = declaring(`interface ${name}`);
  const [, parent, body = ""] =
    new RegExp(`^export interface ${name}(?: extends (\\w+))? \\{([^]*?)^\\}`, "m").exec(text) ?? [];
  const own = body.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s+readonly (\w+)\??:/g);
  const words = [...own].map(([, words = "", member = ""]) => [
    member,
    words.replaceAll(/\s*\n\s*\*\s*/g, " ").trim(),
  ]);
  return { ...(parent === undefined ? {} : members(parent)), ...Object.fromEntries(words) };
}

/**
 * Returns the rows of a table of options, without members of files alone. The docstring of each must name its default.
 * @param {Record<string, { usual: unknown, only?: readonly string[] }>} rows
 * @param {string[]} types its public interfaces
 */
function optionsOf(rows, ...types) {
  const words = Object.assign({}, ...types.map(members));
  const names = Object.keys(rows).filter((name) => rows[name]?.only?.length !== 0);
  return table(["option", "effect"], names, words, (name) => {
    const usual = rows[name]?.usual;
    const isNamed = new RegExp(`${usual}"?\`? by default`).test(words[name] ?? "");
    if (usual !== undefined && usual !== true && !isNamed) {
      throw new Error(`The docstring of ${types}.${name} lacks \`${usual} by default\`.`);
    }
    // A docstring may lead to this page.
    return [escaped(words[name] ?? "").replace(/ docs\/reference\.md has [^.]*\./, "")];
  });
}

/** @param {number | boolean} value */
function number(value) {
  if (typeof value === "boolean" || value === 0 || Math.abs(value) >= 1e-4) return String(value);
  return value.toExponential().replace("e-", "e−");
}

/** @param {{ least?: number; above?: number; most?: number; below?: number; whole?: boolean } | undefined} bounds */
function range({ least, above, most, below, whole = false } = {}) {
  const low = above !== undefined ? `> ${above}` : least !== undefined ? `≥ ${least}` : "";
  const high = below !== undefined ? `< ${below}` : most !== undefined ? `≤ ${most}` : "";
  return [whole ? "whole" : "", low, high].filter(Boolean).join(", ");
}

/** Returns options with defaults and bounds. @param {Record<string, readonly [unknown, any, any?]>} options */
function options(options) {
  return Object.entries(options).map(([name, [, value, bounds]]) => {
    const usual = value === undefined ? "" : ` ${number(value)}`;
    const within = range(bounds);
    return `\`${name}\`${usual}${within && ` (${within})`}`;
  });
}

/** Returns the parameter of a rule. @param {{ name: string; value: number; range?: string } | undefined} parameter */
function parameter(parameter) {
  if (parameter === undefined) return "";
  return `\`${parameter.name}\` ${number(parameter.value)}${parameter.range ? ` (${parameter.range})` : ""}`;
}

/**
 * Returns a table of a page. Throws if the names are not those of the words.
 * @param {string[]} head
 * @param {string[]} names
 * @param {Record<string, unknown>} words
 * @param {(name: string) => string[]} cells
 */
function table(head, names, words, cells) {
  const strange = Object.keys(words).filter((name) => !names.includes(name));
  const lacking = names.filter((name) => !Object.hasOwn(words, name));
  if (strange.length + lacking.length > 0) {
    throw new Error(`tools/reference.js lacks words for [${lacking}], and has them for [${strange}].`);
  }
  const rows = names.map((name) => `| \`${name}\` | ${cells(name).join(" | ")} |`);
  return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...rows].join("\n");
}

/** Returns a formula of a comment, safe in a table. @param {string} text */
const escaped = (text) =>
  text
    .replaceAll("|", "\\|")
    .replaceAll(/(?<![\w`])-(?=[\wΣ(])|\^-|(?<= )-(?= )/g, (minus) => minus.replace("-", "−"));

/** Returns the page with its tables made anew. @param {string} text */
export async function render(text) {
  const code = await load();
  /** @param {string} name */
  const rules = (name) => code[name] ?? {};
  const codes = /ErrorCode =([^;]*);/.exec(declaring("type ErrorCode").text)?.[1] ?? "";
  /** @type {Record<string, () => string>} */
  const made = {
    activations: () =>
      table(
        ["name", "value", "derivative", "range", "parameter", "an output's default loss"],
        Object.keys(rules("activations")),
        slopes,
        (name) => {
          const row = rules("activations")[name];
          const [slope = "", range = ""] = slopes[/** @type {keyof typeof slopes} */ (name)];
          if (row.bounded !== (range === "[0, 1]")) throw new Error(`The range of ${name} is not ${range}.`);
          const value = escaped(comment("activations", name));
          return [value, escaped(slope), range, parameter(row.parameter), `\`${row.loss}\``];
        },
      ),
    losses: () =>
      table(
        ["name", "value", "derivative", "parameter", "targets", "default metric"],
        Object.keys(rules("losses")),
        gradients,
        (name) => {
          const row = rules("losses")[name];
          return [
            escaped(comment("losses", name)),
            escaped(gradients[/** @type {keyof typeof gradients} */ (name)]),
            parameter(row.parameter),
            row.shares ? "in [0, 1]" : "any",
            row.accuracy ? "`accuracy`" : "",
          ];
        },
      ),
    inits: () =>
      table(["name", "weights", "options", "for"], Object.keys(rules("inits")), inits, (name) => {
        const [weights = "", use = ""] = inits[/** @type {keyof typeof inits} */ (name)];
        const own = Object.entries(rules("inits")[name].own ?? {});
        return [
          weights,
          own
            .map(([option, value]) =>
              parameter({ name: option, value: /** @type {any} */ (value) ?? NaN }).replace(" NaN", ""),
            )
            .join(", "),
          use,
        ];
      }),
    metrics: () =>
      table(["name", "value"], Object.keys(rules("metrics")), rules("metrics"), (name) => [
        escaped(comment("metrics", name)),
      ]),
    optimizers: () =>
      table(
        ["name", "a step", "options and defaults"],
        Object.keys(rules("optimizers")),
        optimizers,
        (name) => {
          const row = rules("optimizers")[name];
          return [
            optimizers[/** @type {keyof typeof optimizers} */ (name)],
            [`\`rate\` ${number(row.rate)}`, ...options(row.options)].join(", "),
          ];
        },
      ),
    schedules: () =>
      table(["name", "rate", "options and defaults"], Object.keys(rules("schedules")), schedules, (name) => {
        return [
          schedules[/** @type {keyof typeof schedules} */ (name)],
          options(rules("schedules")[name] ?? {}).join(", "),
        ];
      }),
    scalers: () =>
      table(["kind", "offset", "divisor"], Object.keys(rules("scalerKinds")), scalers, (name) => [
        ...scalers[/** @type {keyof typeof scalers} */ (name)],
      ]),
    limits: () =>
      [
        "| limit | at most |",
        "|---|---|",
        ...limits.map(([what, path, name, unit]) => `| ${what} | ${constant(path, name)}${unit} |`),
      ].join("\n"),
    layers: () => optionsOf(rules("layerRows"), "OutputOptions", "InputOptions"),
    synapses: () => optionsOf(rules("synapseRows"), "SynapseOptions"),
    links: () =>
      table(
        ["kind", "input of a target unit", "joins layers", "options of its own", "shape of the weights"],
        Object.keys(rules("links")),
        kinds,
        (name) => {
          const own = rules("links")[name].options ?? [];
          const [joined = "", shape = ""] = kinds[/** @type {keyof typeof kinds} */ (name)];
          return [
            comment("links", name),
            joined,
            own.map((/** @type {string} */ one) => `\`${one}\``).join(", "),
            shape,
          ];
        },
      ),
    errors: () => {
      const found = [...codes.matchAll(/"([^"]+)"/g)].map(([, code = ""]) => code);
      const words = errors();
      return table(["code", "meaning"], found, words, (code) => [words[code] ?? ""]).replaceAll(
        /^\| `(.+?)`/gm,
        "| [`$1`](errors.md#$1)",
      );
    },
  };
  let rest = text;
  for (const [name, write] of Object.entries(made)) {
    const place = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!place.test(rest)) throw new Error(`docs/reference.md has no place for the table ${name}.`);
    rest = rest.replace(place, (_, before, after) => `${before}\n${write()}\n\n${after}`);
  }
  return rest;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(page, await render(readFileSync(page, "utf8")));
}
