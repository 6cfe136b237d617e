// The Content-Security-Policy of every page, in a meta element; a host may send the same as a header.

const rules: Readonly<Record<string, string>> = {
  "default-src": "'self'",
  "script-src": "'self' 'wasm-unsafe-eval'",
  // The hash is the one style element of a page, by which VueUse suspends transitions while the colours change.
  "style-src": "'self' 'sha256-skqujXORqzxt1aE0NNXxujEanPTX6raoqSscTV/Ww/Y='",
  // Attributes alone: KaTeX positions boxes by them, Shiki's tokens have their colours there, Vue Flow's nodes their places.
  "style-src-attr": "'unsafe-inline'",
  "img-src": "'self' data: blob:",
  "font-src": "'self'",
  "connect-src": "'self'",
  // A program that a reader has edited runs as a blob in a worker. Workers have no page to read; no script of a page is a blob.
  "worker-src": "'self' blob:",
  "object-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

export const policy = Object.entries(rules)
  .map(([name, sources]) => `${name} ${sources}`)
  .join("; ");
