// Passkeys: gets the credential from the browser and sends it with the form. Everything else on
// these pages works without this file.
(() => {
  "use strict";

  const json = window.webauthnJSON;
  if (!json || !json.supported()) return;

  const passkeyData = () => JSON.parse(document.getElementById("passkey-data").textContent);

  async function fetchChallenge(form) {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no challenge");
    return answer.json();
  }

  function creationOptions(form) {
    const options = passkeyData().creation_options;
    const alone = form.querySelector("[name=passwordless]");
    const choice = options.publicKey.authenticatorSelection;
    const isAlone = Boolean(alone && alone.checked);
    choice.residentKey = isAlone ? "required" : "discouraged";
    choice.requireResidentKey = isAlone;
    if (isAlone) choice.userVerification = "required";
    return options;
  }

  const credentialFlows = {
    create: async (form) => json.create(creationOptions(form)),
    get: async () => json.get(passkeyData().request_options),
    fetch: async (form) => json.get((await fetchChallenge(form)).request_options),
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button");
    const fault = form.querySelector("[data-fault]");
    button.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      fault.textContent = "";
      button.disabled = true;
      try {
        const answer = await credentialFlows[form.dataset.passkey](form);
        form.querySelector("[name=credential]").value = JSON.stringify(answer);
        form.submit();
      } catch {
        fault.textContent = fault.dataset.fault;
        button.disabled = false;
      }
    });
  }
})();
