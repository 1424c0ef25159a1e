import "../faces/guest/selfie.js";
import "../events/entrance/copy.js";
