// "/" goes to the search box (the element, or the first field inside the element, marked data-search-box).
// A slash inside a burst of keys comes from a scanner reading an address, not from a person.
(function () {
  "use strict";
  let lastKey = 0;

  function typing(el) {
    return el.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(el.tagName);
  }

  document.addEventListener("keydown", function (event) {
    const burst = event.timeStamp - lastKey < 60;
    lastKey = event.timeStamp;
    const slash = event.key === "/" || event.key === "／" || event.key === "・";
    if (!slash || burst || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    const box = document.querySelector("[data-search-box]");
    if (!box) return;
    const field = box.matches("input") ? box : box.querySelector("input:not([type=hidden]):not(:disabled)");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
})();
