// The roles of VitePress's search box (1.6.4) name it a button, and its results options, though both have controls inside. It is
// a dialog with a list of links.

/** Removes attributes of elements. */
function strip(elements: Iterable<Element>, ...names: string[]): void {
  for (const element of elements) for (const name of names) element.removeAttribute(name);
}

/** Mends the roles of the search box whenever it opens, or its results change. */
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
