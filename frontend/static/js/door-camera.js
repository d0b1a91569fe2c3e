// The camera at the door: reads a QR into the box, with the browser's own reader or, where it has none, with jsQR.
// Only where browsers allow it: at 127.0.0.1 or over TLS. The button stays hidden elsewhere.
(function () {
  "use strict";
  const button = document.querySelector("[data-door-camera]");
  if (!button || !window.isSecureContext || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  const video = document.querySelector("[data-door-video]"), said = document.querySelector("[data-door-said]");
  let stream = null, reader = null;
  button.hidden = false;

  function load() {
    if ("BarcodeDetector" in window) {
      const found = new window.BarcodeDetector({ formats: ["qr_code"] });
      return Promise.resolve(function () {
        return found.detect(video).then(function (codes) { return codes.length ? codes[0].rawValue : ""; });
      });
    }
    return new Promise(function (resolve, reject) {
      const script = document.createElement("script");
      script.src = button.dataset.decoder;
      script.onload = function () { resolve(byPicture); };
      script.onerror = reject;
      document.head.append(script);
    });
  }

  const canvas = document.createElement("canvas");
  function byPicture() {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    if (!canvas.width) return Promise.resolve("");
    const drawing = canvas.getContext("2d", { willReadFrequently: true });
    drawing.drawImage(video, 0, 0);
    const picture = drawing.getImageData(0, 0, canvas.width, canvas.height);
    const code = window.jsQR(picture.data, canvas.width, canvas.height);
    return Promise.resolve(code ? code.data : "");
  }

  function stop() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.hidden = true;
    button.setAttribute("aria-pressed", "false");
  }

  function look() {
    if (!stream) return;
    reader().then(function (text) {
      if (!text) return setTimeout(look, 150);
      stop();
      const field = document.querySelector("[data-door-box] input[data-scanner]");
      field.value = text;
      field.form.requestSubmit();
    }).catch(function () { setTimeout(look, 500); });
  }

  button.addEventListener("click", function () {
    if (stream) return stop();
    said.textContent = "";
    navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (found) {
      stream = found;
      video.srcObject = found;
      video.hidden = false;
      button.setAttribute("aria-pressed", "true");
      return Promise.all([video.play(), load()]);
    }).then(function (ready) {
      reader = ready[1];
      look();
    }).catch(function () {
      stop();
      said.textContent = "カメラを使えませんでした。ブラウザーの許可を確かめるか、番号を入れてください。";
    });
  });
})();
