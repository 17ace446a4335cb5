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
    const file = input.files[0];
    working = null; // what was chosen before is not waited for
    status.textContent = "";
    if (!file || !file.type.startsWith("image/") || file.size <= SMALL_ENOUGH) return;
    status.textContent = "正在把照片变小……";
    const mine = smaller(file)
      .then((result) => {
        if (working !== mine) return; // another one was chosen meanwhile
        const chosen = new DataTransfer();
        chosen.items.add(result);
        input.files = chosen.files;
        status.textContent = result === file ? "" : `照片已变小：${words(file.size)} 变成 ${words(result.size)}。`;
      })
      .catch(() => { if (working === mine) status.textContent = ""; })
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
