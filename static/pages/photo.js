import "../photos/delivery/share-photo.js";
import "../photos/gallery/photo-keys.js";
import "../photos/gallery/photo-travel.js";
