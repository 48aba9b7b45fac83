// What HTML's own checks do not know of a QuestionForm: numbers, the requester's regular expressions
// (which run here alone), and how many boxes may be ticked.
(() => {
  const form = document.querySelector("form.question-form");
  if (!form) return;

  const faultInText = (field) => {
    const { value, dataset } = field;
    if (value === "") return "";
    if ("numeric" in dataset) {
      if (!/^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(value)) return "Please write a number, such as 12 or 3.5.";
      if (Number(value) < Number(dataset.least ?? -Infinity)) return `Please write a number of ${dataset.least} or more.`;
      if (Number(value) > Number(dataset.most ?? Infinity)) return `Please write a number of ${dataset.most} or less.`;
    }
    return "";
  };

  const faultInPatterns = (field) => {
    for (let n = 1; field.hasAttribute(`data-regex-${n}`); n += 1) {
      let pattern;
      try {
        pattern = new RegExp(field.getAttribute(`data-regex-${n}`), field.getAttribute(`data-flags-${n}`));
      } catch {
        continue; // a pattern that no browser understands keeps nobody from answering
      }
      // Also of an empty answer: whoever wants it optional writes (^$|…), as MTurk's documentation says.
      if (!pattern.test(field.value)) return field.getAttribute(`data-error-${n}`);
    }
    return "";
  };

  const faultInBoxes = (group) => {
    const { least, most } = group.dataset;
    const ticked = group.querySelectorAll("input:checked").length;
    const other = group.parentElement.querySelector(".other input, .other textarea")?.value ?? "";
    if (ticked > Number(most)) return `Please choose at most ${most}.`;
    if (ticked + (other ? 1 : 0) < Number(least)) return `Please choose at least ${least}.`;
    return "";
  };

  const check = () => {
    for (const field of form.querySelectorAll("input[type=text], textarea")) {
      field.setCustomValidity(faultInText(field) || faultInPatterns(field));
    }
    for (const group of form.querySelectorAll(".options[data-most]")) {
      group.querySelector("input")?.setCustomValidity(faultInBoxes(group));
    }
  };
  form.addEventListener("input", check);
  check();
  form.querySelector(".error-summary")?.focus();
  form.addEventListener("submit", () => {
    // Twice is once too often; another try is possible when the browser comes back to the page.
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = false;
  });
})();
