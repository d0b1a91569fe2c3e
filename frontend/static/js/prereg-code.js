// The text of a family's code: TSKP1, then Base32 of JSON in UTF-8 with a CRC-32 behind it. Described in docs/formats.md.
(function () {
  "use strict";
  const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const MOST = 12; // people of one code
  const LONGEST = 1000; // characters of one code: a telephone's screen can show it, a scanner read it

  function crc32(bytes) {
    let sum = -1;
    bytes.forEach(function (byte) {
      sum ^= byte;
      for (let i = 0; i < 8; i++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
    });
    return (sum ^ -1) >>> 0;
  }

  function base32(bytes) {
    let text = "", held = 0, bits = 0;
    bytes.forEach(function (byte) {
      held = (held << 8) | byte;
      bits += 8;
      while (bits >= 5) {
        text += LETTERS[(held >>> (bits - 5)) & 31];
        bits -= 5;
      }
      held &= (1 << bits) - 1;
    });
    return bits ? text + LETTERS[(held << (5 - bits)) & 31] : text;
  }

  function one(said) {
    const body = Array.from(new TextEncoder().encode(JSON.stringify(said)));
    const sum = crc32(body);
    return "TSKP1" + base32(body.concat([sum >>> 24, (sum >>> 16) & 255, (sum >>> 8) & 255, sum & 255]));
  }

  // A large family is several codes, each with as many people as fit; together they are one family.
  function codes(said) {
    const found = [];
    let people = [];
    said.m.forEach(function (person) {
      if (people.length === MOST || (people.length && one(Object.assign({}, said, { m: people.concat([person]) })).length > LONGEST)) {
        found.push(one(Object.assign({}, said, { m: people })));
        people = [];
      }
      people.push(person);
    });
    if (people.length) found.push(one(Object.assign({}, said, { m: people })));
    return found;
  }

  window.TasukiPrereg = { codes: codes };
})();
