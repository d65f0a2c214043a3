// Signing with finger, pen or mouse: signature_pad when it is there, else a plain canvas of our own.
(() => {
  "use strict";
  class PlainPad {
    constructor(canvas) {
      this.canvas = canvas;
      this.strokes = [];
      let stroke = null;
      const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        stroke = [at(event)];
        this.strokes.push(stroke);
        this.draw();
      });
      canvas.addEventListener("pointermove", (event) => { if (stroke) { stroke.push(at(event)); this.draw(); } });
      for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { stroke = null; });
    }
    draw() {
      const pen = this.canvas.getContext("2d");
      pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
      pen.lineWidth = 2.6; pen.lineCap = pen.lineJoin = "round"; pen.strokeStyle = pen.fillStyle = "#101418";
      for (const stroke of this.strokes) {
        pen.beginPath();
        pen.moveTo(...stroke[0]);
        stroke.forEach((point) => pen.lineTo(...point));
        if (stroke.length === 1) { pen.arc(...stroke[0], 1.3, 0, 7); pen.fill(); }
        pen.stroke();
      }
    }
    clear() { this.strokes = []; this.draw(); }
    isEmpty() { return this.strokes.length === 0; }
    toData() { return this.strokes; }
    fromData(data) { this.strokes = data; this.draw(); }
    toDataURL() { return this.canvas.toDataURL("image/png"); }
  }
  const makePad = (canvas) => (window.SignaturePad ? new window.SignaturePad(canvas, { penColor: "#101418", minWidth: 1, maxWidth: 3 }) : new PlainPad(canvas));

  for (const frame of document.querySelectorAll("[data-ink]")) {
    const canvas = frame.querySelector("canvas");
    const value = frame.querySelector("input[type=hidden]");
    const wrong = frame.querySelector("[data-ink-empty]");
    const pad = makePad(canvas);
    frame.classList.add("ink-ready");
    frame.hidden = false;
    const fit = () => {
      const kept = pad.toData(), scale = Math.max(window.devicePixelRatio || 1, 1), box = canvas.getBoundingClientRect();
      if (!box.width) return;
      canvas.width = box.width * scale;
      canvas.height = box.height * scale;
      canvas.getContext("2d").scale(scale, scale);
      pad.clear();
      if (kept.length) pad.fromData(kept);
    };
    window.addEventListener("resize", fit);
    const fold = frame.closest("details");
    if (fold) fold.addEventListener("toggle", fit);
    fit();
    frame.querySelectorAll("[data-ink-clear]").forEach((button) => button.addEventListener("click", () => { pad.clear(); if (wrong) wrong.hidden = true; }));
    canvas.addEventListener("pointerdown", () => { if (wrong) wrong.hidden = true; });
    const form = frame.closest("form");
    form.addEventListener("submit", (event) => {
      if (!pad.isEmpty()) { value.value = pad.toDataURL("image/png"); return; }
      if (frame.dataset.ink === "required" && !value.value) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (wrong) { wrong.hidden = false; wrong.focus(); }
      }
    }, true);
  }
})();
