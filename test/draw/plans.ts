// Plans of graphs that have everything a drawing can show, and names that a drawing has to be careful with.

import type { Graph } from "plexus-nn";
import type { LayerPlan, Plan, SynapsePlan } from "../../src/draw/plan.js";

/** Names that would leave their quotes, their element or their script, or turn the text around. */
export const hostile: readonly string[] = [
  "</script><script>alert(1)</script>",
  '"];alert(1)//',
  "]]>",
  "a\u2028b\u2029c",
  `it's "quoted" \`twice\``,
  "line\nbreak\ttab\u0000null\u009f",
  "__proto__",
  "constructor",
  "\\",
  '\\N \\l \\"',
  "<img src=x onerror=alert(1)>",
  "&lt;&#60;#lt;#60;",
  "-->",
  "<!--",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what is tried
  "${alert(1)}",
  "end",
  "style x:#f; classDef",
  "%% comment",
  "1. list",
  "`**bold**`",
  "\u202eturned\ufffe",
  "x".repeat(5000),
  "字".repeat(100),
  "😀".repeat(100),
  " ",
];

/** A graph whose layers all have such names, one feeding the next, and the first feeding all. */
export function hostileGraph(make: typeof Graph): Graph<string, string, string> {
  const graph = new make<string, string, string>({ seed: 1 });
  hostile.forEach((name, i) => {
    if (i === 0) graph.addInput(name, 2);
    else if (i === hostile.length - 1) graph.addOutput(name, 1);
    else graph.addHidden(name, 2, "tanh");
    if (i > 0) graph.connect(hostile[i - 1]!, name);
    if (i > 1) graph.connect(hostile[0]!, name, { name: `${name} again` });
  });
  return graph;
}

export type LayerSketch = Partial<LayerPlan> & Pick<LayerPlan, "name" | "size">;
export type SynapseSketch = Partial<Omit<SynapsePlan, "share">> &
  Pick<SynapsePlan, "from" | "to"> & { readonly share?: number };

/** A plan from what matters of it. */
export function plan(
  layers: readonly LayerSketch[],
  synapses: readonly SynapseSketch[],
  precision: Plan["precision"] = "float64",
): Plan {
  const array = precision === "float64" ? Float64Array : Float32Array;
  const joined: SynapsePlan[] = [];
  for (const { share, ...synapse } of synapses) {
    const shape = [layers[synapse.from]!.size, layers[synapse.to]!.size] as const;
    const owner = share === undefined ? undefined : joined[share]!;
    const count = synapse.kind === "identity" ? 0 : shape[0] * shape[1];
    joined.push({
      name: undefined,
      shape,
      kind: "dense",
      share: owner,
      frozen: false,
      weights: owner?.weights ?? new array(count),
      parameters: owner === undefined ? count : 0,
      ...synapse,
    });
  }
  return {
    precision,
    synapses: joined,
    layers: layers.map((layer, place) => ({
      kind: "hidden",
      activation: "linear",
      loss: undefined,
      weight: 1,
      dropout: 0,
      frozen: false,
      bias: new array(layer.size),
      biased: true,
      gain: undefined,
      scaler: undefined,
      incoming: joined.filter(({ to }) => to === place),
      parameters: (layer.biased === false ? 0 : layer.size) + (layer.gain?.length ?? 0),
      ...layer,
    })),
  };
}

/** A residual block with a normalised layer, a shared synapse, a frozen one, dropout, and an output with a weight. */
export const rich: Plan = plan(
  [
    { name: "x", size: 4, kind: "input", scaler: { offset: [0, 0, 0, 0], divisor: [1, 1, 1, 1] } },
    { name: "a", size: 4, activation: "gelu", gain: new Float64Array(4), dropout: 0.25 },
    { name: "b", size: 4, activation: { name: "elu", alpha: 0.5 }, frozen: true },
    { name: "sum", size: 4, biased: false },
    { name: "y", size: 1, kind: "output", activation: "sigmoid", loss: "entropy", weight: 0.5 },
  ],
  [
    { from: 0, to: 1 },
    { from: 1, to: 2, share: 0 },
    { from: 2, to: 3, kind: "identity" },
    { from: 0, to: 3, kind: "identity" },
    { from: 3, to: 4, name: "last", frozen: true },
  ],
);
