// Makes a photo smaller before it is sent: at most 2,000 pixels a side and about 1 MB, without place and camera. What
// cannot be read here, or is small already, is sent as it is; the server does the same to it.
"use strict";

const LONGEST_SIDE = 2000;
const QUALITIES = [0.8, 0.6, 0.4]; // the first that is small enough
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
  let blob = null;
  for (const quality of QUALITIES) {
    blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (!blob || blob.size <= SMALL_ENOUGH) break;
  }
  if (!blob || blob.size >= file.size) return file;
  return new File([blob], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
}

const words = (bytes) => (bytes / MEGABYTE).toFixed(1) + " MB";
const sum = (several) => several.reduce((all, file) => all + file.size, 0);

// What is under way, in words, as a bar and with a way out of it. It stands behind the form.
function progressOf(form, cancelled) {
  const box = document.createElement("div");
  const status = document.createElement("p");
  status.className = "small muted";
  status.setAttribute("role", "status");
  box.append(status);
  form.append(box);
  return {
    says(text, isUnderWay = false) {
      status.textContent = text;
      [...box.children].slice(1).forEach((one) => one.remove());
      if (!isUnderWay) return;
      const bar = document.createElement("progress");
      bar.setAttribute("aria-label", text);
      const stop = document.createElement("button");
      stop.type = "button";
      stop.className = "btn quiet";
      stop.textContent = "取消";
      stop.addEventListener("click", cancelled);
      box.append(bar, stop);
    },
  };
}

function attend(input) {
  let working = null;
  const shown = progressOf(input.form, () => {
    working = null;
    window.stop(); // an upload that is on its way
    input.value = "";
    shown.says("取消了，这张没有传。");
  });

  input.addEventListener("change", () => {
    const files = [...input.files];
    working = null; // what was chosen before is not waited for
    shown.says("");
    const isLarge = (file) => file.type.startsWith("image/") && file.size > SMALL_ENOUGH;
    if (!files.some(isLarge)) return;
    shown.says(`照片有 ${words(sum(files))}，正在手机上缩小……`, true);
    const mine = Promise.all(files.map((file) => (isLarge(file) ? smaller(file).catch(() => file) : file)))
      .then((results) => {
        if (working !== mine) return; // others were chosen meanwhile, or it was cancelled
        const chosen = new DataTransfer();
        results.forEach((result) => chosen.items.add(result));
        input.files = chosen.files;
        const same = results.every((result, place) => result === files[place]);
        shown.says(same ? "" : `照片已变小：${words(sum(files))} 变成 ${words(sum(results))}。`);
      })
      .finally(() => { if (working === mine) working = null; });
    working = mine;
  });

  input.form.addEventListener("submit", (event) => {
    if (!working) {
      if (input.files.length) shown.says("正在上传……", true);
      return;
    }
    event.preventDefault();
    const mine = working;
    mine.then(() => { if (input.files.length) input.form.requestSubmit(event.submitter); });
  });
}

document.querySelectorAll("input[type=file]").forEach(attend);
