// The page for addresses without a page. A host sends it under the address that was asked for, at any depth. So its links don't know
// the way to the site. The file lost.js knows its own address, and is looked for in one folder above another.

import { policy } from "./policy.ts";

/** Folders above the address in which lost.js is looked for. */
const DEPTH = 6;

/** Its words, which the theme shows, too, where a link of a page leads nowhere. */
export const words = {
  title: "There is no such page",
  quote: "The address may be misspelt, or its page has another name now.",
} as const;

const pages = [
  ["index.html", "Playground"],
  ["guide/index.html", "Guide"],
  ["recipes/index.html", "Recipes"],
  ["reference.html", "Reference"],
  ["errors.html", "Errors"],
  ["faq.html", "Questions and answers"],
] as const;

const ways = Array.from({ length: DEPTH + 1 }, (_, up) => "../".repeat(up) || "./");

export const lost = `<!doctype html>
<html lang="en-GB">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>No such page | Plexus</title>
    ${ways.map((way) => `<script defer src="${way}lost.js"></script>`).join("\n    ")}
  </head>
  <body style="max-width:32rem;margin:15vh auto;padding:0 24px;font:17px/1.6 system-ui,sans-serif">
    <h1>${words.title}</h1>
    <p>${words.quote}</p>
    <nav hidden aria-label="Pages">
      <ul>
        ${pages.map(([page, text]) => `<li><a data-page="${page}">${text}</a></li>`).join("\n        ")}
      </ul>
    </nav>
  </body>
</html>
`;
