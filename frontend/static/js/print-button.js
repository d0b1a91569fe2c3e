// Buttons marked data-print open the browser's print dialogue. They are hidden until this script shows them:
// without scripts people use the browser's own menu.
(function () {
  "use strict";
  function reveal() {
    document.querySelectorAll("[data-print][hidden]").forEach(function (button) { button.hidden = false; });
  }
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("DOMContentLoaded", reveal);
  document.addEventListener("htmx:afterSettle", reveal);
})();
