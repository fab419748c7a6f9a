// Where something is still being entered in the public record, looks at the page again when the record has moved.
"use strict";

if (document.querySelector("[data-pending]")) {
  const listen = () => {
    const record = new EventSource("/live/record");
    record.addEventListener("head", () => location.reload());
    record.addEventListener("error", () => {
      // The browser tries again by itself, unless the server refused: then this does, without hurry.
      if (record.readyState === EventSource.CLOSED) setTimeout(listen, 20000 + 20000 * Math.random());
    });
  };
  listen();
}
