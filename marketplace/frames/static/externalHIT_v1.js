// The functions that MTurk's script of this name gave to templates. A form needs the id "mturk_form",
// its hidden field the id "assignmentId", its button the id "submitButton".

/** A parameter of the page's address as it stands there, not decoded. */
function turkGetParam(name, defaultValue) {
  const found = new RegExp("[?&]" + name + "=([^&#]*)").exec(window.location.href);
  return found === null ? defaultValue : found[1];
}

/** A parameter decoded. */
function decode(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "));
  } catch {
    return text;
  }
}

/** Where to submit to: scheme and host, at times with a path. */
function turkGetSubmitToHost() {
  const host = decode(turkGetParam("turkSubmitTo", "https://www.mturk.com"));
  return /^(https?:)?\/\//.test(host) ? host : "https://www.mturk.com";
}

/** Fill in the assignment's id, aim the form, and in a preview switch the button off. */
function turkSetAssignmentID(formName, buttonName) {
  const assignmentId = turkGetParam("assignmentId", "");
  const field = document.getElementById("assignmentId");
  if (field) field.value = assignmentId;
  if (assignmentId === "ASSIGNMENT_ID_NOT_AVAILABLE") {
    const button = document.getElementById(buttonName ?? "submitButton");
    if (button) {
      button.disabled = true;
      button.value = "You must ACCEPT the HIT before you can submit the results.";
    }
  }
  const form = document.getElementById(formName ?? "mturk_form");
  if (form) form.setAttribute("action", turkGetSubmitToHost().replace(/\/+$/, "") + "/mturk/externalSubmit");
}
