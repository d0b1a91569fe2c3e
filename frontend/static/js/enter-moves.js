// In a form marked data-enter-moves, Enter goes to the next field as clerks know it from the resident system,
// Shift+Enter goes back, and Enter on the last field submits, as Ctrl+Enter does on any. While an input method is
// composing, Enter belongs to it.
(function () {
  "use strict";

  function stops(form) {
    const seen = new Set();
    return Array.from(form.elements).filter(function (el) {
      if (el.disabled || el.type === "hidden" || el.readOnly || el.offsetParent === null) return false;
      if (!["INPUT", "SELECT", "TEXTAREA"].includes(el.tagName)) return false;
      if (["submit", "button", "reset", "image"].includes(el.type)) return false;
      if (el.type !== "radio") return true;
      if (seen.has(el.name)) return false; // a group of radio buttons is one stop
      seen.add(el.name);
      return true;
    });
  }

  function sameStop(a, b) {
    return a === b || (a.type === "radio" && b.type === "radio" && a.name === b.name);
  }

  function submit(form) {
    const button = form.querySelector("[type=submit]:not(:disabled), button:not([type]):not(:disabled)");
    if (form.requestSubmit) form.requestSubmit(button || undefined);
    else if (button) button.click();
  }

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.altKey || event.metaKey) return;
    const el = event.target;
    const form = el.form;
    if (!form || !form.hasAttribute("data-enter-moves") || el.hasAttribute("data-scanner")) return;
    if (event.ctrlKey) {
      event.preventDefault();
      submit(form);
      return;
    }
    if (el.tagName === "TEXTAREA" || el.tagName === "BUTTON" || el.type === "submit" || el.type === "file") return;

    const fields = stops(form);
    const here = fields.findIndex(function (field) { return sameStop(field, el); });
    if (here < 0) return;
    event.preventDefault();
    const next = fields[here + (event.shiftKey ? -1 : 1)];
    if (next) {
      const checked = next.type === "radio" && form.querySelector('input[name="' + CSS.escape(next.name) + '"]:checked');
      (checked || next).focus();
      if (next.select && next.type !== "checkbox" && next.type !== "radio") next.select();
    } else if (!event.shiftKey) {
      submit(form);
    }
  });
})();
