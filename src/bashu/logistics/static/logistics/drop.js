// A file dropped on the frame goes into its file field.
for (const frame of document.querySelectorAll("[data-drop]")) {
  const field = frame.querySelector('input[type="file"]');
  const over = (event) => {
    event.preventDefault();
    frame.classList.toggle("over", event.type === "dragover");
  };
  frame.addEventListener("dragover", over);
  frame.addEventListener("dragleave", over);
  frame.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
}
