// Sets the colours before the first paint. It is a file since the policy of the pages allows no inline script.
(() => {
  const root = document.documentElement;
  let preference = "auto";
  try {
    preference = localStorage.getItem("vitepress-theme-appearance") || "auto";
  } catch {
    // A page without storage follows the system.
  }
  const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.classList.toggle("dark", preference === "auto" ? prefersDark : preference === "dark");
  root.classList.toggle("mac", /Mac|iPhone|iPod|iPad/i.test(navigator.platform));
})();
