// The door of a shelter by keyboard alone: households (data-door-family) with arrows, people in them with digits or
// Space, Enter checks them in. A scanner's burst of keys goes to the box (data-door-box), whatever has the focus.
(function () {
  "use strict";
  const GAP_MS = 60, SHORTEST = 6; // as in scanner.js
  let buffer = "", last = 0;

  function families() { return Array.from(document.querySelectorAll("[data-door-family]")); }
  function boxes(family) { return Array.from(family.querySelectorAll("input[type=checkbox]:not(:disabled)")); }

  function go(family) {
    const all = boxes(family);
    if (all.length) all[0].focus();
    family.scrollIntoView({ block: "nearest" });
  }

  function scanned(text) {
    const field = document.querySelector("[data-door-box] input[data-scanner]");
    if (!field) return;
    field.focus();
    field.value = text;
    field.form.requestSubmit();
  }

  // Keys of a household; true when the key was one of them.
  function press(family, key, at) {
    const all = boxes(family), here = families(), place = here.indexOf(family);
    if (key === "ArrowDown" || key === "ArrowUp") {
      const next = here[place + (key === "ArrowDown" ? 1 : -1)];
      if (next) go(next);
    } else if (key === "ArrowRight" || key === "ArrowLeft") {
      const next = all[all.indexOf(at) + (key === "ArrowRight" ? 1 : -1)];
      if (next) next.focus();
    } else if (key === "0") {
      const every = all.every(function (box) { return box.checked; });
      all.forEach(function (box) { box.checked = !every; });
    } else if (/^[1-9]$/.test(key)) {
      const box = all[Number(key) - 1];
      if (box) {
        box.checked = !box.checked;
        box.focus();
      }
    } else if (key === "Enter") {
      if (all.length === 1) all[0].checked = true; // whoever lives alone need not be chosen
      family.requestSubmit(family.querySelector("[name=arrive]"));
    } else if (key === "l") {
      if (all.length === 1) all[0].checked = true;
      family.requestSubmit(family.querySelector("[name=leave]"));
    } else if (key === "n") {
      const button = document.querySelector("[data-door-new]");
      if (button) button.click();
    } else if (key === "Escape") {
      const field = document.querySelector("[data-door-box] input[data-scanner]");
      field.focus();
      field.select();
    } else return false;
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const at = event.target;
    const key = event.key.length === 1 ? event.key.normalize("NFKC").toLowerCase() : event.key;
    if (at.matches("[data-door-box] input[data-scanner]")) {
      if (key === "ArrowDown" && families().length) {
        event.preventDefault();
        go(families()[0]);
      }
      return;
    }
    const family = at.closest("[data-door-family]");
    if (!family || at.type !== "checkbox") return;
    if (event.timeStamp - last > GAP_MS) buffer = "";
    last = event.timeStamp;
    if (key === "Enter" && buffer.length >= SHORTEST) {
      event.preventDefault();
      scanned(buffer);
      return;
    }
    if (event.key.length === 1) buffer += event.key;
    if (event.repeat && key === "Enter") return event.preventDefault();
    if (press(family, key, at)) event.preventDefault();
  });
})();
