// Leads the links of the page for lost addresses to the site, whose root is the folder of this file.
{
  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);
  const nav = document.querySelector("nav[hidden]");
  // Of several copies of the site, one within another, the nearest counts.
  if (nav !== null) {
    for (const link of nav.querySelectorAll("a")) link.href = new URL(link.dataset.page ?? "", src).href;
    nav.removeAttribute("hidden");
  }
}
