// A USB scanner is a keyboard that types fast and presses Enter. A field marked data-scanner takes its text:
// full-width characters (an input method was on) become plain ones, and Enter submits, in any form.
// A scan that arrives while no field has the focus goes to the page's first scanner field.
// data-scanner="text": names are typed there too, so nothing is changed, and an empty field may be submitted.
(function () {
  "use strict";
  const GAP_MS = 60; // people type slower, scanners faster
  const SHORTEST = 6;
  let buffer = "";
  let last = 0;

  function plain(text) {
    return text.normalize("NFKC").replace(/[\u2010-\u2015\u2212\u30fc]/g, "-").trim();
  }

  function submit(field) {
    const text = field.dataset.scanner === "text";
    if (!text) field.value = plain(field.value);
    if (!field.form || (field.value === "" && !text)) return;
    if (field.form.requestSubmit) field.form.requestSubmit();
    else field.form.submit();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const el = event.target;
    if (el.matches("input[data-scanner]")) {
      if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      submit(el);
      return;
    }
    // A certificate's QR that was scanned into another field of such a form belongs into the scanner's one.
    if (event.key === "Enter" && !event.isComposing && el.tagName === "INPUT" && el.form && plain(el.value).includes("/verify/")) {
      const meant = el.form.querySelector("input[data-scanner]:not(:disabled)");
      if (meant) {
        event.preventDefault();
        meant.value = plain(el.value);
        el.value = "";
        submit(meant);
        return;
      }
    }
    if (el.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(el.tagName)) return;

    const field = document.querySelector("input[data-scanner]:not(:disabled)");
    if (!field) return;
    if (event.timeStamp - last > GAP_MS) buffer = "";
    last = event.timeStamp;
    if (event.key.length === 1) buffer += event.key;
    else if (event.key === "Enter" && buffer.length >= SHORTEST) {
      event.preventDefault();
      field.focus();
      field.value = buffer;
      buffer = "";
      submit(field);
    }
  });

  // What was refused is still there: the next scan takes its place instead of following it.
  function replace(field) {
    if (field && field.matches && field.matches("input[data-scanner]") && field.value) field.select();
  }
  document.addEventListener("focusin", function (event) { replace(event.target); });
  replace(document.activeElement);

  // After a fragment of the page was exchanged the next scan goes to the same place.
  document.addEventListener("htmx:afterSettle", function () {
    const field = document.querySelector("input[data-scanner][data-refocus]");
    if (field) {
      field.focus();
      field.select();
    }
  });
})();
