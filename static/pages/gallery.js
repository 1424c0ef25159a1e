import "../photos/gallery/gallery.js";
import "../photos/gallery/times.js";
import "../photos/gallery/selection-bar.js";
import "../photos/gallery/viewer-actions.js";
import "../faces/guest/viewer.js";
import "../photos/gallery/viewer-hiding.js";
import "../faces/guest/questions.js";
import "../faces/guest/reveal.js";
