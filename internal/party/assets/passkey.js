// Makes passkeys and signs in with them. The page works without this script; what it needs stays hidden until
// the script has found that the browser knows passkeys.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const credentials = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

  // What the server sends as base64url becomes bytes, and the other way round (Web Authentication Level 3, 5.1).
  const creation = (o) => ({ ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) },
    excludeCredentials: credentials(o.excludeCredentials) });
  const request = (o) => ({ ...o, challenge: bytes(o.challenge), allowCredentials: credentials(o.allowCredentials) });
  const answer = (c) => {
    const r = c.response;
    const out = { id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(),
      response: { clientDataJSON: text(r.clientDataJSON) } };
    if (c.authenticatorAttachment) out.authenticatorAttachment = c.authenticatorAttachment;
    if (r.attestationObject) {
      out.response.attestationObject = text(r.attestationObject);
      if (r.getTransports) out.response.transports = r.getTransports();
    } else {
      out.response.authenticatorData = text(r.authenticatorData);
      out.response.signature = text(r.signature);
      if (r.userHandle) out.response.userHandle = text(r.userHandle);
    }
    return out;
  };

  // The words of a refusal come from the server, in the reader's language.
  class Refused extends Error {}
  const post = async (url, body) => {
    const reply = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const said = await reply.json();
    if (!reply.ok) throw new Refused([said.title, said.next].filter(Boolean).join(". "));
    return said;
  };

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const words = part.dataset;
    const button = part.querySelector("button");
    const says = part.querySelector("[role=alert]");
    const name = part.querySelector("input");
    let offered = null; // the request that waits in the field for the address

    const explain = (error) => {
      if (error instanceof Refused) says.textContent = error.message;
      else if (error instanceof TypeError) says.textContent = words.offline;
      else says.textContent = words.stopped;
    };

    const make = async () => {
      const begun = await post(words.begin, {});
      const made = await navigator.credentials.create({ publicKey: creation(begun.options.publicKey) });
      return post(words.finish, { ceremony: begun.ceremony, name: name.value, credential: answer(made) });
    };

    const assert = async (how) => {
      const begun = await post(words.begin, {});
      const given = await navigator.credentials.get({ publicKey: request(begun.options.publicKey), ...how });
      return post(words.finish, { ceremony: begun.ceremony, next: words.next, credential: answer(given) });
    };

    const press = async (event) => {
      event.preventDefault();
      if (offered) offered.abort();
      button.disabled = true;
      says.textContent = "";
      try {
        const done = words.passkey === "register" ? await make() : await assert({});
        location.assign(done.next);
      } catch (error) {
        explain(error);
      } finally {
        button.disabled = false;
      }
    };

    const form = part.querySelector("form");
    if (form) form.addEventListener("submit", press);
    else button.addEventListener("click", press);
    part.hidden = false;

    // Where the browser can, it also offers passkeys in the field for the address, and says nothing if none is taken.
    const offer = async () => {
      const can = PublicKeyCredential.isConditionalMediationAvailable;
      if (words.passkey !== "assert" || !can || !(await can.call(PublicKeyCredential))) return;
      offered = new AbortController();
      try {
        const done = await assert({ mediation: "conditional", signal: offered.signal });
        location.assign(done.next);
      } catch (error) {
        if (error instanceof Refused) explain(error);
      }
    };
    offer();
  }
})();
