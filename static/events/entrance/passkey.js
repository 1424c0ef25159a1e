// Has the browser ask for a passkey, and sends the form it stands in with the answer.

const element = (name) => document.getElementById(`passkey-${name}`);

async function answer(question) {
  const { create, get } = window.webauthnJSON;
  const { creation_options: toMake, request_options: toUse } = question;
  return toMake ? create(toMake) : get(toUse);
}

async function ask() {
  element("not-done").hidden = true;
  try {
    const question = JSON.parse(element("question").textContent);
    element("answer").value = JSON.stringify(await answer(question));
  } catch {
    element("not-done").hidden = false;
    return;
  }
  element("answer").form.submit();
}

// Browsers want a name: no passkey belongs to an address made of numbers.
const hasName = !/^[\d.]+$|:/.test(window.location.hostname);

if (!window.isSecureContext || !hasName) {
  element("insecure").hidden = false;
} else if (!window.PublicKeyCredential) {
  element("unknown").hidden = false;
} else {
  element("ask").hidden = false;
  element("ask").addEventListener("click", ask);
}
