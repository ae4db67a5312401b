// The few things that CSS and htmx cannot do: theme, menu on narrow screens, ticking all rows, questions before deeds.
(function () {
  "use strict";
  const root = document.documentElement;

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }

  document.addEventListener("click", function (event) {
    const theme = event.target.closest(".theme-button");
    if (theme) {
      root.dataset.theme = isDark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { root.dataset.stored = "no"; }
    }
    const menu = event.target.closest(".menu-button");
    if (menu) {
      const open = document.body.classList.toggle("menu-open");
      menu.setAttribute("aria-expanded", String(open));
    }
  });

  document.addEventListener("change", function (event) {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    document.querySelectorAll("input[name='" + all.dataset.tickAll + "']").forEach(function (box) { box.checked = all.checked; });
  });

  document.addEventListener("submit", function (event) {
    const asked = (event.submitter && event.submitter.dataset.confirm) || event.target.dataset.confirm;
    if (asked && !window.confirm(asked)) event.preventDefault();
  });

  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !/INPUT|TEXTAREA|SELECT/.test(document.activeElement.tagName)) {
      const search = document.querySelector("[data-search]");
      if (search) { event.preventDefault(); search.focus(); }
    }
  });

  // An answer with an error status is shown all the same: it says what was wrong.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.xhr.status >= 400) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
})();
