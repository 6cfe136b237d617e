// Formulas of docs/reference.md as functions: `y = x for x > 0, else alpha (e^x − 1)`; and those of docs/mathematics.md in the same
// form.

type Names = Readonly<Record<string, number>>;
type Term = (names: Names) => number;

/** Computes erf by its series, for arguments below 6. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let k = 1; k < 300; k++) {
    term *= (-x * x) / k;
    sum += term / (2 * k + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const calls: Readonly<Record<string, (...values: number[]) => number>> = {
  ...{ ln: Math.log, tanh: Math.tanh, cosh: Math.cosh, sin: Math.sin, cos: Math.cos, erf },
  ...{ max: Math.max, min: Math.min, sign: Math.sign, "√": Math.sqrt },
  σ: (x) => 1 / (1 + Math.exp(-x!)),
  Φ: (x) => (1 + erf(x! / Math.SQRT2)) / 2,
  φ: (x) => Math.exp((-x! * x!) / 2) / Math.sqrt(2 * Math.PI),
};
const constants: Names = { e: Math.E, π: Math.PI, "½": 0.5 };

/** Returns the parser of a sum, a product and so on, by descent over the tokens. */
function parse(text: string): Term {
  const tokens = text.match(/\d+(?:\.\d+)?|[a-zA-Z]+|\S/g)!.filter((token) => token !== "…");
  let at = 0;
  const next = (token: string) => tokens[at] === token && ++at > 0;
  const expect = (token: string) => {
    if (!next(token)) throw new Error(`${text}: ${token} is expected, not ${tokens[at]}.`);
  };

  function sum(): Term {
    let left = product();
    for (;;) {
      const [a, isLess] = [left, next("−")];
      if (!isLess && !next("+")) return a;
      const b = product();
      left = (names) => a(names) + (isLess ? -b(names) : b(names));
    }
  }
  function product(): Term {
    let left = power();
    for (;;) {
      const a = left;
      const isQuotient = next("/");
      if (!isQuotient && !next("·") && !/^[\d\p{L}(√½]/u.test(tokens[at] ?? "")) return a;
      const b = power();
      left = (names) => (isQuotient ? a(names) / b(names) : a(names) * b(names));
    }
  }
  function power(): Term {
    if (next("−")) {
      const of = power();
      return (names) => -of(names);
    }
    const base = primary();
    if (next("²")) return (names) => base(names) ** 2;
    if (!next("^")) return base;
    const exponent = power();
    return (names) => base(names) ** exponent(names);
  }
  function primary(): Term {
    const token = tokens[at++]!;
    if (token === "(" || token === "|") {
      const inner = sum();
      expect(token === "(" ? ")" : "|");
      return token === "(" ? inner : (names) => Math.abs(inner(names));
    }
    if (/^\d/.test(token)) return () => Number(token);
    const call = calls[token];
    if (call === undefined) return (names) => names[token] ?? constants[token] ?? Number.NaN;
    if (tokens[at] !== "(") {
      const of = power();
      return (names) => call(of(names));
    }
    at++;
    const values = [sum()];
    while (next(",")) values.push(sum());
    expect(")");
    return (names) => call(...values.map((value) => value(names)));
  }

  const whole = sum();
  if (at < tokens.length) throw new Error(`${text}: ${tokens[at]} is not expected.`);
  return whole;
}

const relations: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ...{ ">": (a, b) => a > b, "<": (a, b) => a < b, "≤": (a, b) => a <= b },
};

/** Returns the function of a formula with its cases, `between a and b`, and a name's meaning at its end. */
export function formula(text: string): Term {
  const [, body = "", name, meaning] = /^(.*?)(?:, (\w+) = (.*))?$/.exec(text.replace(/^y = /, ""))!;
  if (name !== undefined && meaning !== undefined) {
    const [of, value] = [formula(body), parse(meaning)];
    return (names) => of({ ...names, [name]: value(names) });
  }
  const cases = /^(.*) for (.*) ([<>≤]) (.*), else (.*)$/.exec(body);
  if (cases !== null) {
    const [yes, left, right, no] = [1, 2, 4, 5].map((i) => parse(cases[i]!));
    const holds = relations[cases[3]!]!;
    return (names) => (holds(left!(names), right!(names)) ? yes : no)!(names);
  }
  const bounds = /^(.*), between (\d) and (\d)$/.exec(body);
  if (bounds === null) return parse(body);
  const of = parse(bounds[1]!);
  return (names) => Math.min(Math.max(of(names), Number(bounds[2])), Number(bounds[3]));
}

const letters: Readonly<Record<string, string>> = {
  alpha: "α",
  lambda: "λ",
  delta: "δ",
  sigma: "σ",
  Phi: "Φ",
  varphi: "φ",
  lvert: "|",
  rvert: "|",
  le: "≤",
};

/** Returns a formula of TeX in the form that `formula` reads. */
export function plain(tex: string): string {
  let text = tex.replaceAll(/\$|\\text|\\d?frac(?=\{)/g, (mark) => (mark.endsWith("frac") ? "/" : ""));
  for (let before = ""; before !== text; ) {
    before = text;
    text = text.replace(/\/\{([^{}]*)\}\{([^{}]*)\}/, "(($1) / ($2))");
    text = text.replace(/\{ ?(\w{2,})\}/, "$1").replace(/\^\{([^{}]*)\}/, "^($1)");
  }
  return text
    .replaceAll(/\\(\w+)/g, (_, name: string) => letters[name] ?? name)
    .replaceAll("^2", "²")
    .replaceAll("-", "−");
}
