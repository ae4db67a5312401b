// Runs before the page is drawn, so that it does not flash in the other colours.
(function () {
  "use strict";
  try {
    const chosen = localStorage.getItem("theme");
    if (chosen) document.documentElement.dataset.theme = chosen;
  } catch (error) {
    document.documentElement.dataset.theme = "";
  }
})();
