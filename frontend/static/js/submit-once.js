// A second click on a slow evening must not write twice: after a POST is on its way its buttons are disabled.
// The server refuses doubles by itself; this only spares people the refusal. Forms whose answer is a file
// (data-download) leave the page standing, so their buttons come back after three seconds.
(function () {
  "use strict";

  function buttons(form) {
    return Array.from(form.elements).filter(function (el) { return el.type === "submit"; });
  }

  function release(form) {
    delete form.dataset.sent;
    buttons(form).forEach(function (button) {
      if (!("busy" in button.dataset)) return;
      delete button.dataset.busy;
      button.disabled = false;
    });
  }

  document.addEventListener("submit", function (event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    // Later than the event, or the pressed button's own name and value would be left out of what is sent.
    setTimeout(function () {
      buttons(form).forEach(function (button) {
        if (button.disabled) return;
        button.dataset.busy = "";
        button.disabled = true;
      });
    }, 0);
    if (form.hasAttribute("data-download")) setTimeout(function () { release(form); }, 3000);
  });

  // Coming back with the browser's own button shows the page as it was left: usable again.
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(release);
  });
})();
