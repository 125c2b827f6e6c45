(function () {
  "use strict";

  // Below this width of a chart, in pixels, its legend goes under it and its letters get smaller.
  var NARROW = 520;
  var CONFIG = { responsive: true, displayModeBar: false, displaylogo: false, showTips: false, showLink: false };
  var boxes = Array.prototype.slice.call(document.querySelectorAll(".chart"));

  function fitted(layout, width) {
    layout.autosize = true;
    delete layout.width;
    // A finger that moves down the page must not draw a zoom box.
    if (layout.dragmode === undefined) { layout.dragmode = false; }
    if (width >= NARROW) { return layout; }
    layout.font = Object.assign({}, layout.font, { size: 10 });
    layout.margin = Object.assign({}, layout.margin);
    layout.margin.l = Math.min(layout.margin.l === undefined ? 40 : layout.margin.l, 40);
    layout.margin.r = Math.min(layout.margin.r === undefined ? 8 : layout.margin.r, 8);
    Object.keys(layout).forEach(function (key) {
      if (/^[xy]axis\d*$/.test(key) && layout[key].automargin === undefined) { layout[key].automargin = true; }
    });
    if (layout.showlegend !== false) {
      layout.legend = Object.assign({}, layout.legend, {
        orientation: "h", x: 0, xanchor: "left", xref: "paper", y: 0, yanchor: "bottom", yref: "container"
      });
    }
    return layout;
  }

  // Drawings that know their size in their own units can be scaled to the width of paper.
  function scalable(box) {
    Array.prototype.forEach.call(box.querySelectorAll("svg.main-svg"), function (svg) {
      var width = parseFloat(svg.getAttribute("width")), height = parseFloat(svg.getAttribute("height"));
      if (width > 0 && height > 0) {
        svg.setAttribute("viewBox", "0 0 " + width + " " + height);
        box.style.setProperty("--ratio", width + " / " + height);
      }
    });
  }

  function settled() {
    if (boxes.every(function (box) { return box.dataset.drawn === "yes" || box.dataset.drawn === "no"; })) {
      document.documentElement.dataset.charts = "settled";
    }
  }

  function failed(box) {
    box.dataset.drawn = "no";
    box.classList.add("failed");
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
    box.textContent = "This chart could not be drawn here. Its figures stand in the table below it.";
    settled();
  }

  function draw(box) {
    if (box.dataset.drawn) { return Promise.resolve(); }
    box.dataset.drawn = "under way";
    try {
      var figure = JSON.parse(document.getElementById(box.id + "-figure").textContent);
      return Plotly.newPlot(box, figure.data, fitted(figure.layout || {}, box.clientWidth), CONFIG).then(function () {
        scalable(box);
        box.on("plotly_afterplot", function () { scalable(box); });
        box.dataset.drawn = "yes";
        settled();
      }, function () { failed(box); });
    } catch (problem) {
      failed(box);
      return Promise.resolve();
    }
  }

  function rest(at) {
    if (at >= boxes.length) { settled(); return; }
    var next = function () { draw(boxes[at]).then(function () { rest(at + 1); }); };
    if (boxes[at].dataset.drawn) { rest(at + 1); } else if (window.requestIdleCallback) {
      window.requestIdleCallback(next, { timeout: 500 });
    } else { window.setTimeout(next, 30); }
  }

  // What is looked at comes first; the others are drawn while nothing else happens.
  if (window.IntersectionObserver) {
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) { watch.unobserve(entry.target); draw(entry.target); }
      });
    }, { rootMargin: "300px" });
    boxes.forEach(function (box) { watch.observe(box); });
  }
  window.addEventListener("beforeprint", function () { boxes.forEach(draw); });
  if (document.readyState === "complete") { rest(0); } else {
    window.addEventListener("load", function () { rest(0); });
  }
}());
