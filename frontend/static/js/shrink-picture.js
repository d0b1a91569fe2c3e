// A photograph of a telephone is made as large as it must be to read a list, before it is sent or kept: a slow line and
// a laptop's disk are glad of it. Where the browser can't, it goes as it is, and the server says if it is too large.
// With data-shrink="exif" time and place, which a smaller picture would lose, are taken along: they tell which house it is.
(function () {
  "use strict";
  const LONGEST = 2400;

  // The Exif part of a JPEG, turned upright, since the smaller picture is; null where there is none.
  async function exifOf(file) {
    const view = new DataView(await file.slice(0, 262144).arrayBuffer());
    if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
    for (let at = 2; at + 10 < view.byteLength && view.getUint8(at) === 0xff && view.getUint8(at + 1) !== 0xda;) {
      const length = view.getUint16(at + 2) + 2;
      if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966 && at + length <= view.byteLength) {
        const part = new DataView(view.buffer.slice(at, at + length));
        upright(part);
        return part.buffer;
      }
      at += length;
    }
    return null;
  }

  function upright(part) {
    const tiff = 10, little = part.getUint16(tiff) === 0x4949;
    const first = tiff + part.getUint32(tiff + 4, little);
    for (let n = 0; n < part.getUint16(first, little); n += 1) {
      const entry = first + 2 + n * 12;
      if (part.getUint16(entry, little) === 0x0112) part.setUint16(entry + 8, 1, little);
    }
  }

  async function withExif(blob, file) {
    let exif = null;
    try {
      exif = await exifOf(file);
    } catch (error) { // torn: the picture without it is better than none
      return blob;
    }
    return exif ? new Blob([blob.slice(0, 2), exif, blob.slice(2)], { type: "image/jpeg" }) : blob;
  }

  async function shrunk(file, exif) {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size < 1500000) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    let blob = await new Promise(function (done) { canvas.toBlob(done, "image/jpeg", 0.8); });
    if (blob && exif) blob = await withExif(blob, file);
    return blob && blob.size < file.size ? new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" }) : file;
  }

  document.querySelectorAll("input[data-shrink]").forEach(function (input) {
    input.addEventListener("change", async function () {
      if (!input.files.length || !window.createImageBitmap || !window.DataTransfer) return;
      const files = new DataTransfer();
      for (const file of Array.from(input.files)) {
        try {
          files.items.add(await shrunk(file, input.dataset.shrink === "exif"));
        } catch (error) { // not a picture that this browser reads: the server says what to do
          files.items.add(file);
        }
      }
      input.files = files.files;
    });
  });
})();
