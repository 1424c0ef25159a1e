import js from "@eslint/js";
import globals from "globals";

export default [
  {
    // Other people's: in .venv, and what is collected of it. The service worker is a template of
    // Django's: no JavaScript before it is rendered.
    ignores: [".*/", "staticfiles/", "templates/", "var/"],
  },
  js.configs.recommended,
  {
    files: ["static/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["static/photos/intake/upload/hash-worker.js"],
    languageOptions: { globals: globals.worker },
  },
  {
    files: ["tests/**/*.js", "bin/*.js"],
    languageOptions: { globals: globals.nodeBuiltin },
  },
  {
    // What a page is asked to do by a test; it is one expression, not a module.
    files: ["tests/browser/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { "no-unused-expressions": "off" },
  },
];
