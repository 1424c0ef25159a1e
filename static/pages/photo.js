import "../photos/delivery/share-photo.js";
