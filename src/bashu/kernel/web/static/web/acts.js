// Acts: asking once before what cannot be undone, copying, and leading the eye to what was refused.

// A form or button with data-confirm names what will happen; data-confirm-yes is the word on the button that does it.
export function confirmActs() {
  const dialog = document.getElementById("confirm");
  if (!dialog || !dialog.showModal) return;
  const yes = dialog.querySelector('[value="yes"]');
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asker = event.submitter && event.submitter.dataset.confirm ? event.submitter : form;
    if (!asker.dataset.confirm || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    dialog.querySelector("#confirm-text").textContent = asker.dataset.confirm;
    yes.textContent = asker.dataset.confirmYes || yes.dataset.default;
    dialog.returnValue = "";
    dialog.onclose = () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(event.submitter);
      delete form.dataset.confirmed;
    };
    dialog.showModal();
  }, true);
}

// A button with data-copy copies that text, or the text of the element it names with "#id".
export function copyButtons() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const named = button.dataset.copy.startsWith("#") ? document.querySelector(button.dataset.copy) : null;
    await navigator.clipboard.writeText(named ? named.textContent : button.dataset.copy);
    document.getElementById("said").textContent = button.dataset.copied || "";
    button.classList.add("copied");
  });
}

// After the page is laid out and any #fragment followed, which would take the focus away again.
export function focusFaults() {
  window.addEventListener("load", () => document.querySelector("[data-focus]")?.focus());
}
