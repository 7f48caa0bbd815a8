// Copies what stands beside a button. Without scripts, or without a clipboard, the text is there to be selected.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const words = button.textContent;
    await navigator.clipboard.writeText(source.href ?? source.textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
}
