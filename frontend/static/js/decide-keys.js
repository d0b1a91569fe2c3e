// One key presses one button: those marked data-key="1". For queues that are worked through without the mouse.
// A key counts only when it stands alone (a scanner types many at once), when nothing is being typed, and not in the
// first moment of a page: whoever presses twice must not decide a case that they have not seen.
// A function key (data-key="f2") is no letter of a name: it counts wherever the focus is, also with an input method on,
// but for the moment in which a word is being converted.
(function () {
  "use strict";
  const UNSEEN = 500, ALONE = 90;
  const opened = Date.now();
  let waiting = null, last = 0;

  function typing(el) {
    return el.isContentEditable || ["INPUT", "SELECT", "TEXTAREA"].includes(el.tagName);
  }

  document.addEventListener("keydown", function (event) {
    const burst = event.timeStamp - last < ALONE;
    last = event.timeStamp;
    clearTimeout(waiting);
    const composing = event.isComposing || event.keyCode === 229;
    if (burst || event.repeat || composing || event.ctrlKey || event.altKey || event.metaKey) return;
    const key = event.key.normalize("NFKC").toLowerCase(), named = /^f\d+$/.test(key);
    if ((typing(event.target) && !named) || Date.now() - opened < UNSEEN) return;
    const button = Array.from(document.querySelectorAll("[data-key]")).find(function (el) {
      return el.dataset.key === key && !el.disabled;
    });
    if (!button) return;
    if (named) event.preventDefault(); // the browser has uses of its own for some of them
    waiting = setTimeout(function () { button.click(); }, ALONE);
  });
})();
