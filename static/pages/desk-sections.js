import "../photos/desk/sections/order.js";
