// Begins a program that a page runs in a worker: sends the page what the program prints, and its errors.

/** Most lines that are sent: a program in an endless loop would fill the page otherwise. */
const MOST_LINES = 1000;

/** Most members of an array or object that are printed, as in Node. */
const MOST_MEMBERS = 100;

let sent = 0;

/**
 * Returns a value within an array or object, as Node prints it.
 * @param {unknown} value
 * @param {number} depth
 * @returns {string}
 */
function inner(value, depth) {
  return typeof value === "string" ? `'${value.replaceAll("\n", "\\n")}'` : spell(value, depth);
}

/**
 * Returns the parts between brackets, on one line or, where they are long, on several.
 * @param {string} open
 * @param {string[]} parts
 * @param {string} close
 */
function bracket(open, parts, close) {
  if (parts.length === 0) return `${open}${close}`;
  const length = parts.reduce((sum, part) => sum + part.length + 2, open.length);
  if (length <= 72 && !parts.some((part) => part.includes("\n")))
    return `${open} ${parts.join(", ")} ${close}`;
  return `${open}\n${parts.map((part) => `  ${part.replaceAll("\n", "\n  ")}`).join(",\n")}\n${close}`;
}

/**
 * Returns a value as Node's `console.log` prints it, but for the breaks of long lines.
 * @param {unknown} value
 * @param {number} [depth]
 * @returns {string}
 */
function spell(value, depth = 0) {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (depth > 2) return Array.isArray(value) ? "[Array]" : "[Object]";
  const isTyped = ArrayBuffer.isView(value) && !(value instanceof DataView);
  if (Array.isArray(value) || isTyped) {
    const list = Array.from(/** @type {ArrayLike<unknown>} */ (value));
    const parts = list.slice(0, MOST_MEMBERS).map((one) => inner(one, depth + 1));
    if (list.length > MOST_MEMBERS) parts.push(`... ${list.length - MOST_MEMBERS} more items`);
    return bracket(isTyped ? `${value.constructor.name}(${list.length}) [` : "[", parts, "]");
  }
  if (value instanceof Map || value instanceof Set) {
    const parts = [...value].map((one) =>
      value instanceof Map
        ? one.map((/** @type {unknown} */ half) => inner(half, depth + 1)).join(" => ")
        : inner(one, depth + 1),
    );
    return bracket(`${value.constructor.name}(${value.size}) {`, parts, "}");
  }
  const name = Object.getPrototypeOf(value) === null ? "[Object: null prototype] " : "";
  const own =
    value.constructor === undefined || value.constructor === Object ? name : `${value.constructor.name} `;
  const parts = Object.entries(value).map(([key, one]) => {
    return `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : `'${key}'`}: ${inner(one, depth + 1)}`;
  });
  return bracket(`${own}{`, parts, "}");
}

/** @param {"log" | "warn"} kind */
function printer(kind) {
  return (/** @type {unknown[]} */ ...values) => {
    sent++;
    if (sent > MOST_LINES) return;
    const text = sent === MOST_LINES ? "… and more lines" : values.map((value) => spell(value)).join(" ");
    postMessage({ kind, text });
  };
}

/**
 * Sends an error, with the line of the program that threw it or called what threw it. The program is the one blob.
 * @param {unknown} error
 */
function fail(error) {
  const { name, message, stack, code } =
    error instanceof Error
      ? /** @type {Error & { code?: unknown }} */ (error)
      : { name: "", message: String(error), stack: "", code: undefined };
  const line = /blob:\S*?:(\d+):\d+/.exec(stack ?? "")?.[1];
  postMessage({
    kind: "error",
    name,
    text: message,
    code: typeof code === "string" ? code : undefined,
    at: line === undefined ? undefined : Number(line),
  });
}

Object.assign(console, {
  log: printer("log"),
  info: printer("log"),
  debug: printer("log"),
  warn: printer("warn"),
  error: printer("warn"),
});
addEventListener("error", (event) => {
  event.preventDefault();
  fail(event.error ?? event.message);
});
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  fail(event.reason);
});
Object.assign(globalThis, { plexusPageDone: () => postMessage({ kind: "done" }) });
