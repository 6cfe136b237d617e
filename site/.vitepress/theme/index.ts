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
import "./style.css";
import "./program.css";

/** Makes the addresses of links absolute: pages have relative ones, which would go astray on the next page. */
function fixAddresses(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[href]")) {
    const address = link.getAttribute("href") ?? "";
    if (/^\.{1,2}\//.test(address))
      link.setAttribute("href", new URL(link.href).pathname + new URL(link.href).hash);
  }
  for (const image of document.querySelectorAll<HTMLImageElement>("img[src]")) {
    if (/^\.{1,2}\//.test(image.getAttribute("src") ?? "")) image.setAttribute("src", image.src);
  }
}

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component(
      "Playground",
      defineAsyncComponent(() => import("../../playground/view/Playground.vue")),
    );
    app.component("Program", Program);
    if (inBrowser) fixAddresses();
  },
} satisfies Theme;
