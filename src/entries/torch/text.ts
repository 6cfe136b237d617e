// Text of Python: literals, lists and indented blocks. A name is only ever the content of a string.

/** Returns a text as a string of Python, in ASCII. JSON's escapes are Python's, but for characters of two code units. */
export function literal(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/gu, (character) => {
    const code = character.codePointAt(0)!.toString(16);
    return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Returns a finite number as Python reads it, with the same bits. */
export function number(value: number): string {
  return Object.is(value, -0) ? "-0.0" : `${value}`;
}

/** Returns values as a list of Python. */
export function list(values: readonly string[]): string {
  return `[${values.join(", ")}]`;
}

/** Returns values as a tuple of Python. */
export function tuple(values: readonly (string | number)[]): string {
  return `(${values.join(", ")}${values.length === 1 ? "," : ""})`;
}

/** Returns lines, each indented by so many levels; empty ones stay empty. */
export function indent(lines: readonly string[], levels: number): string[] {
  return lines.map((line) => (line === "" ? "" : `${"    ".repeat(levels)}${line}`));
}

/** A member of a dictionary, or some steps of it. */
const MEMBER = /^\w+(?:\[(?:"(?:[^"\\]|\\.)*"|[\w:, -]+)\])+$/;

/** Returns an expression as an operand: in parentheses, unless it is a plain member. */
export function operand(expression: string): string {
  return MEMBER.test(expression) ? expression : `(${expression})`;
}
