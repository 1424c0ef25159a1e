import "../events/entrance/passkey.js";
