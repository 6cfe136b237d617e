// The docstrings of a file that describe functions and methods, found by the text alone.

export interface Docstring {
  readonly line: number;
  readonly text: string;
}

/** A docstring, then comments and decorators on lines of their own, then the line that it describes. */
const documented =
  /^[ \t]*\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:[ \t]*(?:@\w+|\/\/.*)\n)*[ \t]*(?:@\w+ )*(.*)$/gm;

const modifiers = /^(?:(?:export|default|declare|public|private|protected|static|override|abstract|async) )*/;

/** The first line of a function, of a constant that is an arrow function, or of a method. */
const callable =
  /^(?:function\b|const \w+(?:: [^=]+)? = (?:async )?(?:<[^=]*>)?\((?:.*=>|.*[({,]$|$)|[*#]?(?!constructor\b)\w+(?:<[^(]*>)?\()/;

/** A function of Python, and the docstring below it. */
const python = /^[ \t]*def .*:\n[ \t]*"""((?:(?!""")[\s\S])*)"""/gm;

/** A verb in the third person, then its object. A noun in the plural has another word behind it. */
const opening =
  /^(?!(?:As|Costs|Its|Layers|Loss|Numbers|Options|Parameters|Plus|Rates|Rows|Samples|Seconds|Steps|Targets|This|Units|Weights|Whether)\b)[A-Z][a-z]*s(?:, [a-z]+s)? (?!(?:of|that|which|is|are|by|in|whose)\b)/;

/** Returns the docstrings of functions and methods. Tags have no prose. */
export function docstringsOf(text: string): Docstring[] {
  const found = [...text.matchAll(documented)].filter(([, , code]) =>
    callable.test(code!.replace(modifiers, "")),
  );
  return [...found, ...text.matchAll(python)].flatMap(({ 1: comment, index }) => {
    const prose = comment!
      .replaceAll(/\n\s*\*?/g, " ")
      .replace(/(^|\s)@\w[\s\S]*$/, "")
      .trim();
    if (prose === "") return [];
    return [{ line: text.slice(0, index).split("\n").length, text: prose }];
  });
}

/** Returns whether a docstring begins with a verb and its object. */
export function isVerbal({ text }: Docstring): boolean {
  return opening.test(text);
}
