// Signing in and registering with a passkey; allauth's forms carry the options as JSON and take the answer in a field.
const parseRequest = (json) => PublicKeyCredential.parseRequestOptionsFromJSON(json.publicKey);
const parseCreation = (json) => PublicKeyCredential.parseCreationOptionsFromJSON(json.publicKey);

async function signIn(button) {
  const answer = await fetch(button.dataset.passkey, { headers: { accept: "application/json" } });
  const { request_options: options } = await answer.json();
  return navigator.credentials.get({ publicKey: parseRequest(options) });
}

async function fromPage(button) {
  const options = JSON.parse(document.getElementById(button.dataset.passkeyOptions).textContent);
  return button.dataset.passkeyKind === "create"
    ? navigator.credentials.create({ publicKey: parseCreation(options.creation_options ?? options) })
    : navigator.credentials.get({ publicKey: parseRequest(options.request_options ?? options) });
}

async function answer(button) {
  const form = document.getElementById(button.dataset.passkeyForm);
  const failure = document.getElementById(button.dataset.passkeyError);
  try {
    const credential = button.dataset.passkeyOptions ? await fromPage(button) : await signIn(button);
    form.elements.namedItem("credential").value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    if (failure) failure.hidden = false;
    if (error.name !== "NotAllowedError" && error.name !== "AbortError") throw error;
  }
}

export function startPasskey(root) {
  for (const button of root.querySelectorAll("[data-passkey]")) {
    button.hidden = !window.PublicKeyCredential;
    button.addEventListener("click", (event) => {
      event.preventDefault();
      answer(button);
    });
  }
}
