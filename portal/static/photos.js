// Makes a photo smaller before it is sent: at most 2,000 pixels a side, without place and camera. What cannot be read
// here, or is small already, is sent as it is; the server does the same to it.
"use strict";

const LONGEST_SIDE = 2000;
const QUALITY = 0.8;
const SMALL_ENOUGH = 1000000; // bytes
const MEGABYTE = 1048576;

async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const paper = canvas.getContext("2d");
  paper.fillStyle = "white"; // behind what is see-through
  paper.fillRect(0, 0, canvas.width, canvas.height);
  paper.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
}

const words = (bytes) => (bytes / MEGABYTE).toFixed(1) + " MB";

function attend(input) {
  const status = document.createElement("p");
  status.className = "small muted";
  status.setAttribute("role", "status");
  input.closest("form").append(status);
  let working = null;

  input.addEventListener("change", () => {
    const files = [...input.files];
    working = null; // what was chosen before is not waited for
    status.textContent = "";
    const isLarge = (file) => file.type.startsWith("image/") && file.size > SMALL_ENOUGH;
    if (!files.some(isLarge)) return;
    status.textContent = "正在把照片变小……";
    const mine = Promise.all(files.map((file) => (isLarge(file) ? smaller(file).catch(() => file) : file)))
      .then((results) => {
        if (working !== mine) return; // others were chosen meanwhile
        const chosen = new DataTransfer();
        results.forEach((result) => chosen.items.add(result));
        input.files = chosen.files;
        const same = results.every((result, place) => result === files[place]);
        const sum = (several) => words(several.reduce((all, file) => all + file.size, 0));
        status.textContent = same ? "" : `照片已变小：${sum(files)} 变成 ${sum(results)}。`;
      })
      .finally(() => { if (working === mine) working = null; });
    working = mine;
  });

  input.form.addEventListener("submit", (event) => {
    if (!working) {
      if (input.files.length) status.textContent = "正在上传……";
      return;
    }
    event.preventDefault();
    working.then(() => input.form.requestSubmit(event.submitter));
  });
}

document.querySelectorAll("input[type=file]").forEach(attend);
