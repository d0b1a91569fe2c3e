// A photograph of a telephone is made as large as it must be to read a list, before it is sent or kept: a slow line and
// a laptop's disk are glad of it. Where the browser can't, it goes as it is, and the server says if it is too large.
(function () {
  "use strict";
  const LONGEST = 2400;

  async function shrunk(file) {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size < 1500000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.8); });
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  }

  document.querySelectorAll("input[data-shrink]").forEach(function (input) {
    input.addEventListener("change", async function () {
      if (!input.files.length || !window.createImageBitmap || !window.DataTransfer) return;
      const files = new DataTransfer();
      for (const file of Array.from(input.files)) {
        try {
          files.items.add(await shrunk(file));
        } catch (error) { // not a picture that this browser reads: the server says what to do
          files.items.add(file);
        }
      }
      input.files = files.files;
    });
  });
})();
