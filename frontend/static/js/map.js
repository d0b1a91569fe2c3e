// Draws the map of houses as SVG from the JSON of one box, and the list beside it. No tiles, no other host.
(function () {
  "use strict";
  const LISTED = 200;
  const COLOURS = {
    confirmed: "#0072b2", linked: "#56b4e9", unsure: "#e69f00", empty: "#ffffff", bare: "#d8d8db",
    // Of surveys: the heavier the class the darker, and a sign of its own on each.
    total: "#5c1a00", large: "#a63c06", medium: "#d55e00", half: "#e69f00", quasi: "#f0e442", below: "#fbf7c5",
    to_confirm: "#009e73", surveyed: "#56b4e9", waiting: "#0072b2", plain: "#ffffff",
  };
  const STATES = Object.keys(COLOURS);
  const LINES = {
    linked: ["M-2 2 L2 -2 M0 10 L10 0 M8 12 L12 8", "#00405f"], large: ["M0 5 H10 M5 0 V10", "#fff"], medium: ["M0 5 H10", "#fff"],
    half: ["M5 0 V10", "#000"], quasi: ["M-2 2 L2 -2 M0 10 L10 0 M8 12 L12 8", "#000"], to_confirm: ["M0 5 H10 M5 0 V10", "#000"],
    surveyed: ["M0 5 H10", "#000"],
  };
  const DOTS = { unsure: "#000", below: "#000", waiting: "#fff" };

  let drawing = null; // the namespace of pictures, as the page's own picture names it

  function element(name, attributes, text) {
    const made = document.createElementNS(drawing, name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text !== undefined) made.textContent = text;
    return made;
  }

  // A pattern a state, so that they differ without colour: full, stripes, dots, empty, grey.
  function patterns() {
    const defs = element("defs");
    STATES.forEach(function (state) {
      const pattern = element("pattern", { id: "map-" + state, width: 10, height: 10, patternUnits: "userSpaceOnUse" });
      pattern.append(element("rect", { width: 10, height: 10, fill: COLOURS[state] }));
      if (LINES[state]) pattern.append(element("path", { d: LINES[state][0], stroke: LINES[state][1], "stroke-width": 2 }));
      if (DOTS[state]) pattern.append(element("circle", { cx: 5, cy: 5, r: 2, fill: DOTS[state] }));
      defs.append(pattern);
    });
    return defs;
  }

  function sign(svg) {
    const state = svg.dataset.mapSign;
    svg.append(element("rect", { x: 1, y: 1, width: 26, height: 18, class: "map__shape map__shape--" + state, fill: "url(#map-" + state + ")" }));
  }

  function start(root) {
    const svg = root.querySelector("svg.map__picture");
    drawing = svg.namespaceURI;
    const said = root.querySelector("[data-map-said]");
    const scale = root.querySelector("[data-map-scale]");
    const list = root.querySelector("[data-map-list]");
    const hint = root.querySelector("[data-map-hint]");
    const view = new window.TasukiMapView(root.dataset.box.split(",").map(Number));
    if (root.dataset.home) view.home = root.dataset.home.split(",").map(Number);
    let shapes = {}, timer = 0, asked = 0, last = null, chosen = root.dataset.house || "";
    svg.append(patterns());
    root.querySelectorAll("[data-map-sign]").forEach(sign);
    const layer = element("g");
    svg.append(layer);

    function path(rings) {
      return rings.map(function (ring) {
        return "M" + ring.map(function (place) { return view.point(place).map(function (n) { return n.toFixed(1); }).join(" "); }).join("L") + "Z";
      }).join("");
    }

    // What was read last, where it lies now: the picture follows the hand before the next answer comes.
    function draw(data) {
      last = data;
      layer.replaceChildren();
      shapes = {};
      if (data.squares) return drawSquares(data.squares);
      data.outlines.forEach(function (one) {
        add(one, element("path", { d: path(one.rings), "fill-rule": "evenodd" }), data.states);
      });
      data.houses.forEach(function (one) {
        const at = view.point(one.place);
        add(one, element("circle", { cx: at[0].toFixed(1), cy: at[1].toFixed(1), r: 7 }), data.states);
      });
      if (shapes[chosen]) shapes[chosen].classList.add("is-chosen");
    }

    function tell(data) {
      if (data.squares) return tellSquares(data.squares);
      const houses = data.outlines.concat(data.houses).filter(function (one) { return one.house; });
      fill(houses, data.states);
      const bare = data.outlines.length + data.houses.length - houses.length;
      said.textContent = "家屋 " + houses.length + "棟、外形だけの建物 " + bare + "棟を描いています。";
    }

    function add(one, shape, states) {
      shape.setAttribute("class", "map__shape map__shape--" + one.state);
      shape.setAttribute("fill", "url(#map-" + one.state + ")");
      shape.append(element("title", {}, one.house ? one.label + "（" + states[one.state] + "）" : states.bare));
      if (one.house) {
        shapes[one.house] = shape;
        shape.addEventListener("click", function () { choose(one.house, true); });
      }
      layer.append(shape);
    }

    function drawSquares(squares) {
      const most = Math.max.apply(null, squares.map(function (one) { return one.count; }));
      squares.forEach(function (one) {
        const low = view.point([one.box[0], one.box[1]]), high = view.point([one.box[2], one.box[3]]);
        const square = element("rect", {
          class: "map__square", x: low[0], y: high[1], width: high[0] - low[0], height: low[1] - high[1],
          fill: COLOURS.linked, "fill-opacity": (0.15 + (0.75 * one.count) / most).toFixed(2),
        });
        square.append(element("title", {}, "建物 " + one.count + "棟。押すと、ここを拡大します。"));
        square.addEventListener("click", function () {
          if (moved) return;
          view.show(one.box);
          later();
        });
        layer.append(square);
        if (squares.length < 150) {
          layer.append(element("text", { class: "map__count", x: (low[0] + high[0]) / 2, y: (low[1] + high[1]) / 2 + 8 }, String(one.count)));
        }
      });
    }

    function tellSquares(squares) {
      const all = squares.reduce(function (sum, one) { return sum + one.count; }, 0);
      fill([], {});
      said.textContent = all
        ? "建物 " + all.toLocaleString("ja") + "棟。区画ごとの数で示しています。区画を押すか拡大すると、一棟ずつ描きます。"
        : "この範囲に建物はありません。";
    }

    function fill(houses, states) {
      if (!list) return;
      list.replaceChildren();
      if (hint) hint.hidden = houses.length > 0;
      houses.sort(function (a, b) { return a.label.localeCompare(b.label, "ja", { numeric: true }); });
      houses.slice(0, LISTED).forEach(function (one) {
        const item = document.createElement("li"), link = document.createElement("a");
        link.href = root.dataset.houseUrl + one.house + "/";
        link.textContent = one.label;
        link.addEventListener("focus", function () { choose(one.house, false); });
        link.addEventListener("mouseenter", function () { choose(one.house, false); });
        item.dataset.house = one.house;
        item.append(link, "　" + states[one.state]);
        list.append(item);
      });
      if (houses.length > LISTED) {
        const more = document.createElement("li");
        more.textContent = "ほか " + (houses.length - LISTED) + "棟。拡大すると、すべて出ます。";
        list.append(more);
      }
      if (chosen) choose(chosen, false);
    }

    // One house marked in the picture; `lead`: the focus goes to its line in the list.
    function choose(house, lead) {
      if (shapes[chosen]) shapes[chosen].classList.remove("is-chosen");
      chosen = house;
      const shape = shapes[house];
      if (shape) {
        shape.classList.add("is-chosen");
        layer.append(shape);
      }
      const item = list && list.querySelector('[data-house="' + house + '"] a');
      if (lead && item) item.focus();
    }

    function load() {
      const number = ++asked;
      const box = view.box();
      const url = root.dataset.features + "?bbox=" + box.map(function (side) { return side.toFixed(6); }).join(",");
      scale.textContent = "横 " + (view.across < 2000 ? Math.round(view.across) + "m" : (view.across / 1000).toFixed(1) + "km");
      fetch(url, { headers: { Accept: "application/json" } })
        .then(function (answer) {
          if (!answer.ok) throw new Error(String(answer.status));
          return answer.json();
        })
        .then(function (data) { if (number === asked) { draw(data); tell(data); } })
        .catch(function () {
          if (number === asked) said.textContent = "地図を読み込めませんでした。画面を開き直してください。";
        });
    }

    function later() {
      if (last) draw(last);
      clearTimeout(timer);
      timer = setTimeout(load, 150);
    }

    const acts = {
      in: function () { view.zoom(0.5); }, out: function () { view.zoom(2); },
      west: function () { view.move(-0.25, 0); }, east: function () { view.move(0.25, 0); },
      north: function () { view.move(0, 0.25); }, south: function () { view.move(0, -0.25); },
      all: function () { view.show(view.home); },
    };
    const keys = { "+": "in", ";": "in", "=": "in", "-": "out", ArrowLeft: "west", ArrowRight: "east", ArrowUp: "north", ArrowDown: "south", 0: "all" };

    root.querySelectorAll("[data-map-act]").forEach(function (button) {
      button.addEventListener("click", function () { acts[button.dataset.mapAct](); later(); });
    });
    svg.addEventListener("keydown", function (event) {
      const act = keys[event.key];
      if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      acts[act]();
      later();
    });
    let from = null, moved = false;
    svg.addEventListener("pointerdown", function (event) { from = [event.clientX, event.clientY]; moved = false; });
    svg.addEventListener("pointermove", function (event) {
      if (!from) return;
      const size = svg.getBoundingClientRect();
      const right = (from[0] - event.clientX) / size.width, up = (event.clientY - from[1]) / size.height;
      if (!moved && Math.abs(right) + Math.abs(up) < 0.01) return;
      moved = true;
      view.move(right, up);
      from = [event.clientX, event.clientY];
      later();
    });
    window.addEventListener("pointerup", function () { from = null; });
    load();
  }

  document.querySelectorAll("[data-map]").forEach(start);
})();
