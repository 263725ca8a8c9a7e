/* Sets the theme before the first paint, follows the system's, and keeps a choice made with the button. */
(() => {
  const KEY = "lentigo-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be forbidden: then the system decides
    }
  };
  const keep = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      /* the choice then lasts as long as the page */
    }
  };
  const wanted = () => kept() ?? (system.matches ? "dark" : "light");

  const show = (theme) => {
    document.documentElement.dataset.bsTheme = theme;
    for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.content = meta.dataset[theme]; // a phone's bar
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.hidden = false;
      button.setAttribute("aria-label", theme === "dark" ? "Use the light theme" : "Use the dark theme");
      button.title = button.getAttribute("aria-label");
    }
  };

  show(wanted());
  system.addEventListener("change", () => show(wanted()));
  document.addEventListener("DOMContentLoaded", () => {
    show(wanted());
    for (const button of document.querySelectorAll("[data-theme-toggle]")) {
      button.addEventListener("click", () => {
        const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
        keep(next);
        show(next);
      });
    }
  });
})();
