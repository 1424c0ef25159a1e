export default {
  extends: "stylelint-config-standard",
  rules: {
    // Groups of tokens are set apart by an empty line.
    "custom-property-empty-line-before": null,
    // Safari knows ranges since 16.4 only, and guests bring older phones.
    "media-feature-range-notation": "prefix",
    // It compares selectors of elements that are never the same one.
    "no-descending-specificity": null,
    // Safari on phones knows this one by its prefix only.
    "property-no-vendor-prefix": [true, { ignoreProperties: ["-webkit-text-size-adjust"] }],
    // Our own names are in kebab case; those that begin with pswp are PhotoSwipe's.
    "selector-class-pattern": "^(pswp__)?[a-z][a-z0-9]*(-{1,2}[a-z0-9]+)*$",
    // Names of paper sizes and of a font.
    "value-keyword-case": ["lower", { ignoreKeywords: ["A4", "A5", "Roboto"] }],
  },
};
