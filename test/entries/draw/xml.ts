// As much of an XML parser as a strict look at a drawing needs: elements, attributes, text; no doctype, no CDATA.

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

/** Parses a document. Throws where it is not well-formed. */
export function parseXml(text: string): Element {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML can't hold
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text))
    throw new Error("a character XML can't hold");
  const top: Element = { name: "", attributes: {}, children: [] };
  const open = [top];
  const token = /<(\/?)([a-zA-Z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) throw new Error(`not XML: ${text.slice(at, at + 60)}`);
    const [, closing, name, attributes, empty, content] = match;
    if (content !== undefined) {
      open.at(-1)!.children.push(unescaped(content));
    } else if (closing === "/") {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes something else`);
    } else {
      const pairs = [...attributes!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [
        key,
        unescaped(value!),
      ]);
      const element: Element = { name: name!, attributes: Object.fromEntries(pairs), children: [] };
      if (new Set(pairs.map(([key]) => key)).size !== pairs.length) throw new Error("an attribute twice");
      open.at(-1)!.children.push(element);
      if (empty !== "/") open.push(element);
    }
  }
  const roots = top.children.filter((child) => typeof child !== "string");
  if (open.length !== 1 || roots.length !== 1) throw new Error("not one element");
  return roots[0]!;
}

function unescaped(text: string): string {
  if (text.includes("]]>")) throw new Error("]]> in a text");
  return text.replace(/&([^;]*);?/g, (entity, body: string) => {
    if (!/^&#\d+;$/.test(entity)) throw new Error(`not an entity: ${entity}`);
    return String.fromCodePoint(Number(body.slice(1)));
  });
}
