import "../photos/intake/upload/hash-worker.js";
