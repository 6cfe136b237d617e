// Calls as text, which errors show.

import { show } from "./text.js";

interface Named {
  readonly name: string;
  readonly size: number;
}

/** Returns a call with data for a graph of these layers: the inputs, and the outputs of a call with targets. */
export function form(inputs: readonly Named[], outputs?: readonly Named[]): string {
  if (outputs === undefined) return `predict(${example(inputs, 1)})`;
  return `train(${example(inputs, 2)}, ${example(outputs, 2)})`;
}

/** Returns data for layers as text: { x: [0, 1] }, or with two rows { x: [[0, 1], [0, 1]] }. */
function example(layers: readonly Named[], rows: number): string {
  const members = layers.slice(0, 3).map(({ name, size }) => {
    const numbers = [...[0, 1, 0, 1].slice(0, size), ...(size > 4 ? ["…"] : [])].join(", ");
    const row = `[${numbers}]`;
    const values = rows === 1 ? row : size === 1 ? "[0, 1]" : `[${row}, ${row}]`;
    return `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : show(name)}: ${values}`;
  });
  if (layers.length > 3) members.push("…");
  return `{ ${members.join(", ")} }`;
}
