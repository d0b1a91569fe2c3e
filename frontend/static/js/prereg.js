// Pre-registration: what is written becomes QR codes in this browser. Nothing is sent; kept only when ticked.
(function () {
  "use strict";
  const form = document.querySelector("[data-prereg]");
  if (!form) return;
  const people = form.querySelector("[data-prereg-people]"), shown = form.querySelector("[data-prereg-codes]");
  const said = form.querySelector("[data-prereg-said]"), keep = form.querySelector("[data-prereg-keep]");
  const blank = document.querySelector("[data-prereg-person]");
  const KEY = "tasuki-prereg";
  let family = "", timer = 0;

  function random() {
    return Array.from(window.crypto.getRandomValues(new Uint8Array(8)), function (n) { return n.toString(16).padStart(2, "0"); }).join("");
  }

  function add(values) {
    const made = blank.content.firstElementChild.cloneNode(true);
    (values || []).forEach(function (value, place) {
      const field = made.querySelector('[data-part="' + place + '"]');
      if (field && place === 2 && value) field.value = value.slice(0, 4) + "-" + value.slice(4, 6) + "-" + value.slice(6);
      else if (field) field.value = value;
    });
    made.querySelectorAll("[data-tick]").forEach(function (box) { box.checked = !!values && (values[4] || "").includes(box.dataset.tick); });
    made.querySelector("[data-prereg-drop]").addEventListener("click", function () {
      made.remove();
      number();
      later();
    });
    people.append(made);
    number();
    return made;
  }

  function number() {
    Array.from(people.children).forEach(function (one, place) { one.querySelector("legend").textContent = place + 1 + "人目"; });
  }

  function written(one) {
    const values = ["", "", "", "", "", "", "", ""];
    one.querySelectorAll("[data-part]").forEach(function (field) { values[Number(field.dataset.part)] = field.value.trim(); });
    values[2] = values[2].replace(/-/g, "");
    values[4] = Array.from(one.querySelectorAll("[data-tick]:checked"), function (box) { return box.dataset.tick; }).join("");
    while (values.length && !values[values.length - 1]) values.pop();
    return values;
  }

  function all() {
    const found = { f: family, m: Array.from(people.children).map(written).filter(function (one) { return one[0]; }) };
    ["a", "t", "p", "c"].forEach(function (name) { if (form.elements[name].value.trim()) found[name] = form.elements[name].value.trim(); });
    return found;
  }

  function draw() {
    const found = all();
    shown.replaceChildren();
    if (keep.checked) localStorage.setItem(KEY, JSON.stringify(found));
    else localStorage.removeItem(KEY);
    if (!found.m.length) return void (said.textContent = "氏名を書くと、ここにQRコードが出ます。");
    const texts = window.TasukiPrereg.codes(found);
    texts.forEach(function (text, place) {
      const code = window.qrcode(0, "L");
      code.addData(text, "Alphanumeric");
      code.make();
      const picture = document.createElement("img");
      picture.src = code.createDataURL(4, 16);
      picture.alt = "事前登録のQRコード " + (place + 1) + "枚目（全" + texts.length + "枚）";
      picture.dataset.text = text;
      shown.append(picture);
    });
    said.textContent = found.m.length + "人分のQRコードができました。" + (texts.length > 1 ? texts.length + "枚あります。全部見せてください。" : "") + "画像を長押しして保存するか、画面を写してください。";
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(draw, 300);
  }

  function begin(found) {
    family = (found && found.f) || random();
    people.replaceChildren();
    ["a", "t", "p", "c"].forEach(function (name) { form.elements[name].value = (found && found[name]) || ""; });
    (found && found.m.length ? found.m : [[]]).forEach(add);
    draw();
  }

  form.addEventListener("input", later);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.querySelector("[data-prereg-add]").addEventListener("click", function () { add().querySelector("input").focus(); });
  form.querySelector("[data-prereg-clear]").addEventListener("click", function () {
    keep.checked = false;
    begin(null);
  });
  form.hidden = false;
  let kept = null;
  try { kept = JSON.parse(localStorage.getItem(KEY)); } catch (error) { kept = null; }
  keep.checked = !!kept;
  begin(kept && Array.isArray(kept.m) ? kept : null);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(form.dataset.worker).catch(function () {});
})();
