import "../faces/guest/questions.js";
