import "../photos/intake/guest-uploads.js";
