// Show an uploaded portrait as it will be cut, and let staff move and enlarge the square.
// Without this file the middle of the picture is taken, a little above its center.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const file = document.getElementById("id_portrait_file");
  const crop = document.getElementById("id_crop");
  if (!file || !crop) return;
  const SIZE = 240; // of the preview, in pixels
  let bitmap = null;

  const box = document.createElement("div");
  box.className = "portrait-crop";
  box.hidden = true;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", crop.dataset.preview);
  const sliders = {};
  const controls = document.createElement("div");
  const help = document.createElement("p");
  help.className = "help";
  help.textContent = crop.dataset.help;
  controls.append(help);
  for (const [name, start] of [["zoom", 0], ["x", 50], ["y", 20]]) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    Object.assign(input, { type: "range", min: 0, max: name === "zoom" ? 75 : 100, value: start });
    input.addEventListener("input", draw);
    label.append(crop.dataset[name], input);
    controls.append(label);
    sliders[name] = input;
  }
  box.append(canvas, controls);
  file.parentElement.append(box);

  function square() {
    const share = 1 - sliders.zoom.value / 100;
    const side = Math.min(bitmap.width, bitmap.height) * share;
    return { share, side, x: sliders.x.value / 100, y: sliders.y.value / 100 };
  }

  function draw() {
    if (!bitmap) return;
    const { share, side, x, y } = square();
    canvas.getContext("2d").drawImage(
      bitmap, (bitmap.width - side) * x, (bitmap.height - side) * y, side, side, 0, 0, SIZE, SIZE);
    crop.value = [x, y, share].map((part) => part.toFixed(4)).join(",");
  }

  file.addEventListener("change", async () => {
    bitmap = null;
    crop.value = "";
    box.hidden = true;
    if (!file.files.length) return;
    try {
      bitmap = await createImageBitmap(file.files[0], { imageOrientation: "from-image" });
    } catch {
      return; // the server says what is wrong with the file
    }
    Object.assign(sliders.zoom, { value: 0 });
    Object.assign(sliders.x, { value: 50 });
    Object.assign(sliders.y, { value: 20 });
    box.hidden = false;
    draw();
  });

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!bitmap || !canvas.hasPointerCapture(event.pointerId)) return;
    const { side } = square();
    // A slider runs over what the square leaves free of the picture.
    const move = (slider, pixels, free) => {
      if (free > 0) slider.value = Number(slider.value) - (pixels * side / SIZE / free) * 100;
    };
    move(sliders.x, event.movementX, bitmap.width - side);
    move(sliders.y, event.movementY, bitmap.height - side);
    draw();
  });
});
