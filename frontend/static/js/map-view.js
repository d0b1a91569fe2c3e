// The piece of ground that a map shows, and how it is moved: degrees to points of the picture and back.
(function () {
  "use strict";
  const WIDTH = 1000, HEIGHT = 800;
  const METRES = 111320; // of one degree of latitude
  const CLOSEST = 30, FARTHEST = 400000; // metres across

  // A view is its middle and how many metres it is wide.
  function MapView(box) {
    this.home = box;
    this.show(box);
  }

  MapView.prototype.show = function (box) {
    this.x = (box[0] + box[2]) / 2;
    this.y = (box[1] + box[3]) / 2;
    const wide = (box[2] - box[0]) * METRES * this.squeeze();
    const high = (box[3] - box[1]) * METRES;
    this.across = this.bounded(Math.max(wide, (high * WIDTH) / HEIGHT));
  };

  MapView.prototype.squeeze = function () {
    return Math.cos((this.y * Math.PI) / 180);
  };

  MapView.prototype.bounded = function (metres) {
    return Math.min(Math.max(metres, CLOSEST), FARTHEST);
  };

  MapView.prototype.zoom = function (factor) {
    this.across = this.bounded(this.across * factor);
  };

  // By parts of the picture: 0.25 is a quarter of it.
  MapView.prototype.move = function (right, up) {
    this.x += (right * this.across) / (METRES * this.squeeze());
    this.y += (up * this.across * HEIGHT) / (WIDTH * METRES);
    this.y = Math.min(Math.max(this.y, -85), 85);
  };

  MapView.prototype.box = function () {
    const wide = this.across / (METRES * this.squeeze()) / 2;
    const high = (this.across * HEIGHT) / (WIDTH * METRES) / 2;
    return [this.x - wide, this.y - high, this.x + wide, this.y + high];
  };

  MapView.prototype.point = function (degrees) {
    const scale = WIDTH / this.across;
    return [
      WIDTH / 2 + (degrees[0] - this.x) * METRES * this.squeeze() * scale,
      HEIGHT / 2 - (degrees[1] - this.y) * METRES * scale,
    ];
  };

  window.TasukiMapView = MapView;
})();
