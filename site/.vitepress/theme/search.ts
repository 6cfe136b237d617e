// Amends to VitePress's search box (1.6.4): the order of its results, and its roles.

import type { SiteData } from "vitepress";
import type { Ref } from "vue";

/** Factors of a result's rank by its page: a chapter that explains a thing comes before pages that mention it. */
const ranks: readonly (readonly [page: RegExp, factor: number])[] = [
  [/^guide\//, 2],
  [/^(faq|errors|reference|training|shapes|time)\.html/, 1.5],
  [/^recipes\//, 1.4],
  [/^from\//, 0.8],
  [/^reference\/api\//, 0.5],
  [/^(measurements|architecture|contributing|changelog|security)\.html/, 0.3],
];

/** Sets the options of the search. They are functions, which the configuration can't hold: it would evaluate their text. */
export function rankSearch(site: Ref<SiteData>): void {
  const { base, themeConfig } = site.value;
  const searchOptions = {
    boostDocument: (address: string) => {
      const page = address.slice(base.length);
      return ranks.find(([pages]) => pages.test(page))?.[1] ?? 1;
    },
    // A short word with a letter more or less is mostly another word.
    fuzzy: (word: string) => word.length > 5 && 0.2,
  };
  const search = {
    ...themeConfig.search,
    options: { ...themeConfig.search.options, miniSearch: { searchOptions } },
  };
  site.value = { ...site.value, themeConfig: { ...themeConfig, search } };
}

/** Removes attributes of elements. */
function strip(elements: Iterable<Element>, ...names: string[]): void {
  for (const element of elements) for (const name of names) element.removeAttribute(name);
}

/**
 * Mends the roles of the search box whenever it opens, or its results change. They name it a button, and its results options, though
 * both have controls inside. It is a dialog with a list of links.
 */
export function mendSearch(): void {
  const mend = () => {
    const box = document.querySelector(".VPLocalSearchBox");
    if (box === null) return;
    box.setAttribute("role", "dialog");
    box.setAttribute("aria-modal", "true");
    strip([box], "aria-expanded", "aria-haspopup", "aria-owns");
    strip(box.querySelectorAll("ul.results"), "role", "aria-labelledby");
    strip(box.querySelectorAll("ul.results > li"), "role", "aria-selected");
    for (const key of box.querySelectorAll("kbd[aria-label]")) key.setAttribute("role", "img");
    // Their text is their name.
    strip(box.querySelectorAll("a.result"), "aria-label");
  };
  new MutationObserver(mend).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-selected", "aria-owns"],
  });
}
