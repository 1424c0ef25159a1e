import "../photos/gallery/slideshow.js";
