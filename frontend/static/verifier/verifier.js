// Checks the signed proof of a certificate's QR code in the browser alone. Ed25519 (RFC 8032) by WebCrypto where the
// browser has it, else by the few lines of arithmetic below. See backend/documents/proofs.py for what a proof is.
(() => {
  "use strict";
  const said = JSON.parse(document.getElementById("said").textContent);
  const bytesOf = (text) => new TextEncoder().encode(text);
  const fromHex = (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  const from64 = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const to64 = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const comparable = (text) => text.normalize("NFKC").replace(/[\s\ufe00-\ufe0f\u{e0100}-\u{e01ef}]+/gu, "");
  const sha = async (name, bytes) => new Uint8Array(await crypto.subtle.digest(name, bytes));
  const hashed = async (salt, text) => to64((await sha("SHA-256", bytesOf(`${salt}\n${comparable(text)}`))).slice(0, 10));

  // Ed25519, verification only: nothing here is secret, so it need not take the same time for every input.
  const P = 2n ** 255n - 19n;
  const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
  const mod = (a, m = P) => ((a % m) + m) % m;
  const power = (base, exponent) => {
    let result = 1n;
    for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
    return result;
  };
  const inverse = (a) => power(a, P - 2n);
  const D = mod(-121665n * inverse(121666n));
  const ROOT = power(2n, (P - 1n) / 4n);
  const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) + BigInt(byte), 0n);
  const point = (bytes) => {
    const y = number(bytes) & (2n ** 255n - 1n);
    if (y >= P) return null;
    const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
    let x = power(square, (P + 3n) / 8n);
    if (mod(x * x - square)) x = mod(x * ROOT);
    if (mod(x * x - square)) return null;
    if ((x & 1n) !== BigInt(bytes[31] >> 7)) x = mod(-x);
    return [x, y, 1n, mod(x * y)];
  };
  const add = ([x1, y1, z1, t1], [x2, y2, z2, t2]) => {
    const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
    const c = mod(2n * t1 * t2 * D), d = mod(2n * z1 * z2);
    const e = b - a, f = d - c, g = d + c, h = b + a;
    return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
  };
  const times = (scalar, base) => {
    let result = [0n, 1n, 1n, 0n];
    for (let e = scalar, b = base; e > 0n; e >>= 1n, b = add(b, b)) if (e & 1n) result = add(result, b);
    return result;
  };
  const same = (a, b) => !mod(a[0] * b[2] - b[0] * a[2]) && !mod(a[1] * b[2] - b[1] * a[2]);
  const BASE = point(fromHex("58" + "66".repeat(31)));
  const verifyHere = async (key, signature, message) => {
    const a = point(key), r = point(signature.slice(0, 32)), s = number(signature.slice(32));
    if (!a || !r || s >= ORDER) return false;
    const whole = new Uint8Array([...signature.slice(0, 32), ...key, ...message]);
    const k = mod(number(await sha("SHA-512", whole)), ORDER);
    return same(times(s, BASE), add(r, times(k, a)));
  };
  const verify = async (key, signature, message) => {
    if (signature.length !== 64) return false;
    let imported;
    try {
      if (window.tasukiWithoutWebCrypto) throw new Error();
      imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    } catch {
      return verifyHere(key, signature, message); // a browser that doesn't know Ed25519
    }
    return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  };

  // The words on the paper; backend/damage/classes.py has the same list.
  const CLASSES = {
    6: "全壊", 5: "大規模半壊", 4: "中規模半壊", 3: "半壊", 2: "準半壊", 1: "準半壊に至らない（一部損壊）",
    0: "半壊に至らない（一部損壊）",
  };
  const day = (text) => `${+text.slice(0, 4)}年${+text.slice(4, 6)}月${+text.slice(6)}日`;

  // Name and number as printed, where the list says so for that day; a later paper than the list says of which day it is.
  const printed = (kind, year, count, date) => {
    const on = [date.slice(0, 4), date.slice(4, 6), date.slice(6)].join("-");
    const rows = (said.kinds || []).filter((row) => row.kind === kind && row.since <= on && (!row.until || on <= row.until));
    const titles = [...new Set(rows.map((row) => row.title))];
    const shapes = [...new Set(rows.map((row) => row.number))];
    const listed = (said.as_of || "").slice(0, 10);
    const now = listed && on > listed ? `（${day(listed.replace(/-/g, ""))}の一覧による）` : "";
    const era = `令和${+year === 2019 ? "元" : year - 2018}年度`;
    const number = shapes.length === 1 && shapes[0] ? shapes[0].replace(/\{(年度|和暦年度|番号)([1-9]?)\}/g,
      (_, word, width) => word === "年度" ? year : word === "和暦年度" ? era : count.padStart(+width || 1, "0")) : "";
    return [
      ["名称", titles.length ? titles.join("または") + now : `この一覧にない種類（記号 ${kind}）。紙の名称は、二次元コードのページで確かめてください。`],
      number ? ["番号", number + now] : ["番号", `${year}年度の${count}番（紙では、ほかの書き方になっています）`],
    ];
  };

  const check = async (code, name, address) => {
    const proof = code.trim().split("#")[1] || "";
    const parts = proof.split(".");
    if (parts.length !== 12 || parts[0] !== "1") return ["bad", "署名を読み取れません。", "二次元コード全体を読み取れているか確かめてください。署名のない証明書は、確認番号で確かめてください。"];
    const [, town, kind, year, count, date, damage, keyName, salt, nameHash, addressHash, signature] = parts;
    const key = said.keys.find((one) => one.key === keyName);
    if (!key || town !== said.code) return ["ask", "この一覧にない鍵です。", "別の団体の証明書か、鍵が新しくなっています。確認用のファイルを取り直してください。"];
    let genuine = false;
    try {
      genuine = await verify(fromHex(key.public), from64(signature), bytesOf(`tasuki-proof\n${parts.slice(0, 11).join(".")}`));
    } catch { /* what can't be read is not genuine */ }
    if (!genuine) return ["bad", "本物ではありません。", "署名が一致しません。"];
    if (key.state === "lost") return ["ask", "署名だけでは本物と言えません。", "この鍵は無効になっています。確認番号で確かめてください。"];
    const facts = [...printed(kind, year, count, date), ["交付日", day(date)]];
    if (damage !== "-") facts.push(["被害の程度", CLASSES[damage] || `この確認用のファイルにない区分（記号 ${damage}）。ファイルを取り直してください。`]);
    if (!comparable(name)) return ["ask", "署名は本物です。氏名を入力して、紙の氏名と同じか確かめてください。", "", facts];
    if ((await hashed(salt, name)) !== nameHash) return ["bad", "氏名が一致しません。", "入力した文字が紙と同じか（髙と高、﨑と崎など）を確かめてください。同じなら、書き換えられたおそれがあります。", facts];
    if (comparable(address) && (await hashed(salt, address)) !== addressHash) return ["bad", "住所が一致しません。", "入力した文字が紙と同じかを確かめてください。同じなら、書き換えられたおそれがあります。", facts];
    return ["good", comparable(address) ? "本物です。氏名と住所も一致しました。" : "本物です。氏名も一致しました。", "紙に書かれた内容が次と同じことを確かめてください。", facts];
  };

  const answer = document.getElementById("answer");
  document.getElementById("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = (id) => document.getElementById(id).value;
    const [kind, title, text, facts = []] = await check(value("code"), value("name"), value("address"));
    answer.className = kind;
    answer.replaceChildren();
    const put = (parent, tag, content) => {
      const element = document.createElement(tag);
      element.textContent = content;
      parent.append(element);
      return element;
    };
    put(answer, "h2", title);
    if (text) put(answer, "p", text);
    const list = put(answer, "dl", "");
    for (const [label, content] of facts) {
      put(list, "dt", label);
      put(list, "dd", content);
    }
    answer.hidden = false;
  });
})();
