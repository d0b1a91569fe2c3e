// Asks before a page with unsaved input is left. For forms marked data-guard-leave; the value "dirty" says that the
// server sent the input back with errors, so nothing of it is saved yet.
(function () {
  "use strict";
  let submitting = false;

  function changed(el) {
    if (el.type === "hidden" || el.disabled || !el.name) return false;
    if (el.type === "checkbox" || el.type === "radio") return el.checked !== el.defaultChecked;
    if (el.type === "file") return el.files.length > 0;
    if (el.tagName === "SELECT") {
      const options = Array.from(el.options);
      if (el.multiple || options.some(function (o) { return o.defaultSelected; })) {
        return options.some(function (o) { return o.selected !== o.defaultSelected; });
      }
      return el.selectedIndex > 0; // no option marked: the browser chose the first
    }
    return "defaultValue" in el && el.value !== el.defaultValue;
  }

  document.addEventListener("submit", function () { submitting = true; }, true);
  window.addEventListener("pageshow", function () { submitting = false; });
  document.addEventListener("input", function () { submitting = false; });
  document.addEventListener("htmx:afterRequest", function () { submitting = false; });

  window.addEventListener("beforeunload", function (event) {
    if (submitting) return;
    const unsaved = Array.from(document.querySelectorAll("form[data-guard-leave]")).some(function (form) {
      return form.dataset.guardLeave === "dirty" || Array.from(form.elements).some(changed);
    });
    if (!unsaved) return;
    event.preventDefault();
    event.returnValue = ""; // older browsers ask only when this is set
  });
})();
