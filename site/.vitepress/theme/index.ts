// The theme: VitePress's own, with our type and colours, and the components that pages use.

import { inBrowser, type Theme } from "vitepress";
import DefaultTheme from "vitepress/theme-without-fonts";
import { defineAsyncComponent } from "vue";
import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource-variable/ibm-plex-sans/wght-italic.css";
import "@fontsource/ibm-plex-mono/400.css";
import "@fontsource/ibm-plex-mono/500.css";
import "katex/dist/katex.min.css";
import Program from "./Program.vue";
import { mendSearch, rankSearch } from "./search.ts";
import "./style.css";
import "./program.css";
import "./beside.css";

/** Makes the addresses of links and pictures absolute: pages have relative ones, which would go astray on the next page. */
function fixAddresses(): void {
  for (const name of ["href", "src"] as const) {
    for (const element of document.querySelectorAll(`:is(a, img, link[rel="icon"])[${name}^="."]`)) {
      const { pathname, hash } = new URL(element.getAttribute(name)!, location.href);
      element.setAttribute(name, pathname + hash);
    }
  }
}

export default {
  extends: DefaultTheme,
  enhanceApp({ app, siteData }) {
    app.component(
      "Playground",
      defineAsyncComponent(() => import("../../playground/view/Playground.vue")),
    );
    app.component("Program", Program);
    if (!inBrowser) return;
    fixAddresses();
    rankSearch(siteData);
    mendSearch();
  },
} satisfies Theme;
