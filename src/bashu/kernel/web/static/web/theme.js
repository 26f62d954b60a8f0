// Light, dark, or as the system: kept in a cookie, so that the server writes it into the page and nothing flashes.
const NEXT = { auto: "dark", dark: "light", light: "auto" };

export function themeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  if (!button) return;
  const root = document.documentElement;
  const label = button.querySelector("[data-theme-label]");
  const show = () => {
    label.textContent = button.dataset[root.dataset.theme];
    button.title = label.textContent;
  };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const theme = NEXT[root.dataset.theme] || "auto";
    root.dataset.theme = theme;
    document.cookie = `bashu_theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    show();
    document.dispatchEvent(new CustomEvent("bashu:theme"));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("bashu:theme")));
}
